import assert from 'node:assert/strict';

import { type ConsensusError, isConsensusError } from '../../src/consensus/consensus-error.ts';
import type {
  Change,
  CommitResult,
  Condition,
  Store,
  WriteOperation,
} from '../../src/consensus/store/store.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** Where this run's keys go, so that several runs can share one store. */
  readonly prefix: string;
}

export function put(key: string, text: string): WriteOperation {
  return { kind: 'put', key, value: Buffer.from(text) };
}

export function remove(key: string): WriteOperation {
  return { kind: 'delete', key };
}

export function commitTo(
  store: Store,
  operations: readonly WriteOperation[],
  conditions: readonly Condition[] = [],
): Promise<CommitResult> {
  return store.commit({ conditions, operations }, AbortSignal.timeout(10_000));
}

/** Commits and answers the revision; fails the test on a conflict. */
export async function mustCommit(
  store: Store,
  operations: readonly WriteOperation[],
  conditions: readonly Condition[] = [],
): Promise<number> {
  const result = await commitTo(store, operations, conditions);
  assert.equal(result.kind, 'committed', JSON.stringify(result));
  return result.revision;
}

/** `+key=value`, `-key`: what a watcher saw, in a form that reads well in a failure. */
export function describeChanges(changes: readonly Change[], prefix = ''): readonly string[] {
  return changes.map(({ key, entry }) => {
    const name = key.slice(prefix.length);
    return entry === undefined ? `-${name}` : `+${name}=${Buffer.from(entry.value).toString()}`;
  });
}

export function textOf(store: Store, key: string): string | undefined {
  const entry = store.get(key);
  return entry === undefined ? undefined : Buffer.from(entry.value).toString();
}

function isCompacted(error: unknown): boolean {
  return isConsensusError(error, 'Compacted');
}

function neverEnded(error: ConsensusError): void {
  throw error;
}

/** What every `Store` promises, whatever is under it. */
export function describeStoreContract(open: () => StoreUnderTest): void {
  it('creates once: a second create of the same key is a conflict', async () => {
    const { store, prefix } = open();
    const key = `${prefix}create`;
    const revision = await mustCommit(store, [put(key, '1')], [{ key, revision: 0 }]);
    const second = await commitTo(store, [put(key, '2')], [{ key, revision: 0 }]);
    assert.deepEqual(second, { kind: 'conflict', key, revision });
    assert.equal(textOf(store, key), '1');
  });

  it('updates only what was not changed meanwhile', async () => {
    const { store, prefix } = open();
    const key = `${prefix}update`;
    const first = await mustCommit(store, [put(key, '1')]);
    const second = await mustCommit(store, [put(key, '2')], [{ key, revision: first }]);
    assert.ok(second > first);
    assert.deepEqual(await commitTo(store, [remove(key)], [{ key, revision: first }]), {
      kind: 'conflict',
      key,
      revision: second,
    });
    await mustCommit(store, [remove(key)], [{ key, revision: second }]);
    assert.equal(store.get(key), undefined);
  });

  it('commits all operations of a transaction at one revision, or none', async () => {
    const { store, prefix } = open();
    const [a, b] = [`${prefix}all/a`, `${prefix}all/b`];
    const revision = await mustCommit(store, [put(a, '1'), put(b, '2')]);
    assert.deepEqual([store.get(a)?.revision, store.get(b)?.revision], [revision, revision]);
    const conflict = await commitTo(store, [put(a, '3'), remove(b)], [{ key: b, revision: 0 }]);
    assert.equal(conflict.kind, 'conflict');
    assert.deepEqual([textOf(store, a), textOf(store, b)], ['1', '2']);
  });

  it('keeps conflicts of concurrent transactions to themselves', async () => {
    const { store, prefix } = open();
    const key = `${prefix}race`;
    const race = Array.from({ length: 8 }, (_, index) =>
      commitTo(store, [put(key, String(index))], [{ key, revision: 0 }]),
    );
    const others = Array.from({ length: 8 }, (_, index) => mustCommit(store, [put(`${key}/${index}`, 'x')]));
    const results = await Promise.all(race);
    assert.equal(results.filter(({ kind }) => kind === 'committed').length, 1);
    const revisions = await Promise.all(others);
    assert.equal(new Set(revisions).size, 8);
  });

  it('gives out dense revisions', async () => {
    const { store, prefix } = open();
    const keys = Array.from({ length: 20 }, (_, index) => `${prefix}dense/${index}`);
    const revisions = await Promise.all(keys.map((key) => mustCommit(store, [put(key, 'x')])));
    const sorted = revisions.toSorted((a, b) => a - b);
    assert.deepEqual(
      sorted,
      sorted.map((_, index) => (sorted[0] ?? 0) + index),
    );
  });

  it('changes nothing when it deletes what does not exist', async () => {
    const { store, prefix } = open();
    const before = await mustCommit(store, [put(`${prefix}noop`, 'x')]);
    assert.deepEqual(await commitTo(store, [remove(`${prefix}absent`)]), {
      kind: 'committed',
      revision: before,
    });
  });

  it('pages through a prefix at one revision while it changes', async () => {
    const { store, prefix } = open();
    const under = `${prefix}page/`;
    for (const name of ['a', 'b', 'c', 'd']) await mustCommit(store, [put(under + name, name)]);
    const first = store.range(under, { limit: 2 });
    assert.deepEqual(
      [first.entries.map(({ key }) => key.slice(under.length)), first.remaining],
      [['a', 'b'], 2],
    );
    await mustCommit(store, [put(`${under}bb`, 'new')]);
    await mustCommit(store, [remove(`${under}c`)]);
    await mustCommit(store, [put(`${under}d`, 'changed')]);
    const second = store.range(under, { after: `${under}b`, limit: 5, atRevision: first.revision });
    assert.deepEqual(
      second.entries.map(({ key, value }) => [key.slice(under.length), Buffer.from(value).toString()]),
      [
        ['c', 'c'],
        ['d', 'd'],
      ],
    );
    assert.deepEqual([second.revision, second.remaining], [first.revision, 0]);
  });

  it('delivers to a watcher every later change under its prefix, with what was there before', async () => {
    const { store, prefix } = open();
    const under = `${prefix}watch/`;
    const start = await mustCommit(store, [put(`${under}a`, '1')]);
    const seen: string[] = [];
    let last = 0;
    const watch = store.watch(
      under,
      start,
      (revision, changes) => {
        assert.ok(revision > last, 'revisions rise');
        last = revision;
        seen.push(...describeChanges(changes, under));
        for (const { key, previous } of changes) {
          if (key === `${under}a`) assert.equal(Buffer.from(previous?.value ?? []).toString(), '1');
        }
      },
      neverEnded,
    );
    await mustCommit(store, [put(`${under}b`, '2'), remove(`${under}a`)]);
    const end = await mustCommit(store, [put(`${prefix}elsewhere`, 'x')]);
    await store.waitForRevision(end, AbortSignal.timeout(5_000));
    watch.close();
    await mustCommit(store, [put(`${under}c`, '3')]);
    assert.deepEqual(seen, ['+b=2', '-a']);
    assert.equal(last, end, 'an empty call tells that the revision moved on');
  });

  it('starts a watch in the past', async () => {
    const { store, prefix } = open();
    const under = `${prefix}past/`;
    const start = await mustCommit(store, [put(`${under}a`, '1')]);
    await mustCommit(store, [put(`${under}a`, '2')]);
    await mustCommit(store, [put(`${under}b`, '3')]);
    const seen: string[] = [];
    const deliver = (_revision: number, changes: readonly Change[]): void => {
      seen.push(...describeChanges(changes, under));
    };
    store.watch(under, start, deliver, neverEnded).close();
    assert.deepEqual(seen, ['+a=2', '+b=3']);
  });

  it('refuses what is older than the history', () => {
    const { store } = open();
    if (store.compactedRevision === 0) return;
    const tooOld = store.compactedRevision - 1;
    assert.throws(() => store.range('/', { atRevision: tooOld }), isCompacted);
    assert.throws(() => store.watch('/', tooOld, () => undefined, neverEnded), isCompacted);
  });

  it('reads its own writes after a read barrier', async () => {
    const { store, prefix } = open();
    const revision = await mustCommit(store, [put(`${prefix}barrier`, 'x')]);
    await store.readBarrier(AbortSignal.timeout(5_000));
    assert.ok(store.revision >= revision);
  });

  it('gives up waiting for a revision at the deadline', async () => {
    const { store } = open();
    await assert.rejects(
      store.waitForRevision(store.revision + 1_000_000, AbortSignal.timeout(10)),
      (error) => isConsensusError(error, 'Timeout'),
    );
  });

  it('refuses a term that does not lead', async () => {
    const { store, prefix } = open();
    const transaction = { conditions: [], operations: [put(`${prefix}fenced`, 'x')], term: 0 };
    await assert.rejects(store.commit(transaction, AbortSignal.timeout(5_000)), (error) =>
      isConsensusError(error, 'Fenced'),
    );
    assert.equal(store.get(`${prefix}fenced`), undefined);
  });
}
