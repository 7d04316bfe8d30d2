import assert from 'node:assert/strict';

import fc from 'fast-check';

import { type ConsensusError, isConsensusError } from '../../../../../src/consensus/consensus-error.ts';
import { History } from '../../../../../src/consensus/store/state/history.ts';
import { KeySpace } from '../../../../../src/consensus/store/state/key-space.ts';
import { StoreState, type CommittedRevision } from '../../../../../src/consensus/store/state/store-state.ts';
import type { WatchCallback, WriteOperation } from '../../../../../src/consensus/store/store.ts';
import { describeChanges, put, remove } from '../../../../support/store-contract.ts';

function buildState(batches: readonly (readonly WriteOperation[])[]): StoreState {
  const state = new StoreState(() => 0);
  state.apply(batches.map(revise));
  return state;
}

function revise(operations: readonly WriteOperation[], index: number): CommittedRevision {
  return { revision: index + 1, transactionId: `t${index + 1}`, operations };
}

function read(state: StoreState, prefix: string, atRevision: number): Record<string, string> {
  const { entries } = state.range(prefix, { atRevision });
  return Object.fromEntries(entries.map(({ key, value }) => [key, Buffer.from(value).toString()]));
}

const ignore = (): undefined => undefined;

describe('consensus/store/state/store-state', () => {
  const history = [[put('/a', '1')], [put('/b', '1')], [put('/a', '2')], [remove('/b')], [put('/c', '1')]];
  const pasts = [
    { at: 1, want: { '/a': '1' } },
    { at: 2, want: { '/a': '1', '/b': '1' } },
    { at: 3, want: { '/a': '2', '/b': '1' } },
    { at: 4, want: { '/a': '2' } },
    { at: 5, want: { '/a': '2', '/c': '1' } },
  ];
  for (const { at, want } of pasts) {
    it(`reads as of revision ${at}`, () => assert.deepEqual(read(buildState(history), '/', at), want));
  }

  it('keeps the bytes of a value and not the block that they are a part of', () => {
    const value = Buffer.from('one two').subarray(0, 3);
    const state = buildState([[{ kind: 'put', key: '/a', value }]]);
    const kept = state.get('/a')?.value;
    assert.deepEqual([Buffer.from(kept ?? []).toString(), kept?.buffer.byteLength], ['one', 3]);
  });

  it('keeps no object of a superseded entry, to which readers may have tied more, but what it says', () => {
    const state = buildState([[put('/a', '1')]]);
    const first = state.get('/a');
    const delivered: unknown[] = [];
    state.watch('/', 1, (_revision, [change]) => delivered.push(change?.previous), ignore);
    state.apply([{ revision: 2, transactionId: 't2', operations: [put('/a', '2')] }]);
    assert.equal(delivered[0], first);
    const kept = [...state.history.after(0)].flatMap(({ changes }) => changes);
    assert.equal(
      kept.some(({ entry, previous }) => entry === first || previous === first),
      false,
    );
    assert.deepEqual(kept[0]?.entry, first);
    assert.deepEqual(kept[1]?.previous, first);
    assert.equal(kept[1]?.entry, state.get('/a'));
  });

  const boundaries = [
    { name: 'below the floor is gone', at: 2, isGone: true },
    { name: 'the floor itself can be read and watched from', at: 3, isGone: false },
    { name: 'above the floor all is there', at: 4, isGone: false },
  ];
  for (const { name, at, isGone } of boundaries) {
    it(`compacts: ${name}`, () => {
      const state = buildState(history);
      state.compact(3);
      const look = (): unknown => [read(state, '/', at), state.watch('/', at, ignore, ignore)];
      if (isGone) assert.throws(look, (error) => isConsensusError(error, 'Compacted'));
      else assert.deepEqual(read(state, '/', at), pasts[at - 1]?.want);
    });
  }

  it('refuses a gap in what was committed', () => {
    const state = buildState(history);
    assert.throws(() => state.apply([{ revision: 7, transactionId: 'x', operations: [put('/d', '1')] }]));
  });

  it('delivers whole batches: each revision with changes, then one empty call', () => {
    const state = new StoreState(() => 0);
    const calls: [number, readonly string[]][] = [];
    state.watch('/a', 0, (revision, changes) => calls.push([revision, describeChanges(changes)]), ignore);
    state.apply(history.map(revise));
    assert.deepEqual(calls, [
      [1, ['+/a=1']],
      [3, ['+/a=2']],
      [5, []],
    ]);
  });

  it('cuts off a watcher that throws, and no other', () => {
    const state = new StoreState(() => 0);
    const ended: string[] = [];
    const seen: number[] = [];
    const fail = (): never => {
      throw new Error('full');
    };
    state.watch('/', 0, fail, (error) => ended.push(error.code));
    state.watch('/', 0, (revision) => seen.push(revision), ignore);
    state.apply([revise([put('/a', '1')], 0)]);
    state.apply([revise([put('/a', '2')], 1)]);
    assert.deepEqual([ended, seen], [['Closed'], [1, 2]]);
  });

  it('lets a callback close its own watch and open another', () => {
    const state = new StoreState(() => 0);
    const seen: string[] = [];
    const first = state.watch(
      '/',
      0,
      (revision) => {
        seen.push(`first ${revision}`);
        first.close();
        state.watch('/', revision, (next) => seen.push(`second ${next}`), ignore);
      },
      ignore,
    );
    state.apply([revise([put('/a', '1')], 0)]);
    state.apply([revise([put('/a', '2')], 1)]);
    assert.deepEqual(seen, ['first 1', 'second 2']);
  });

  it('ends the watches when a snapshot leaves a gap', () => {
    const state = buildState(history);
    const errors: ConsensusError[] = [];
    state.watch('/', 5, ignore, (error) => errors.push(error));
    state.install({ revision: 9, keys: new KeySpace(), history: new History(9) });
    assert.deepEqual(
      [errors.map(({ code }) => code), state.revision, state.compactedRevision],
      [['Compacted'], 9, 9],
    );
  });

  it('goes on with the watches when the history that is installed covers them', () => {
    const state = buildState(history);
    const seen: string[] = [];
    state.watch('/', 5, (_revision, changes) => seen.push(...describeChanges(changes)), ignore);
    const keys = new KeySpace();
    const longer = new History(0);
    for (const [index, operations] of [...history, [put('/d', '1')]].entries()) {
      const { revision, transactionId } = revise(operations, index);
      const changes = operations.map((operation) => keys.apply(operation, revision));
      longer.append({ revision, transactionId, changes, seenMs: 0 });
    }
    state.install({ revision: 6, keys, history: longer });
    assert.deepEqual(seen, ['+/d=1']);
  });

  it('lets a watch go on that a member took up before it had anything, unless the history begins later', () => {
    const source = buildState(history);
    source.compact(3);
    const state = new StoreState(() => 0);
    const seen: string[] = [];
    const ended: number[] = [];
    for (const from of [0, 2, 3, 4, 5]) {
      const deliver: WatchCallback = (revision) => seen.push(`${from}: ${revision}`);
      state.watch('/', from, deliver, () => ended.push(from));
    }
    state.install({ revision: source.revision, keys: new KeySpace(), history: source.history });
    assert.deepEqual(ended, [0, 2]);
    assert.deepEqual(seen, ['3: 4', '3: 5', '4: 5']);
  });

  it('answers like a list of all states, whatever was written', () => {
    const operation = fc.record({
      key: fc.constantFrom('/a/1', '/a/2', '/b/1', '/a', '/c'),
      text: fc.option(fc.string({ maxLength: 2 }), { nil: undefined }),
    });
    const prefixes = fc.constantFrom('/', '/a', '/a/', '/c');
    const query = fc.record({
      ...{ prefix: prefixes, after: fc.constantFrom('', '/a', '/a/1', '/b') },
      ...{ limit: fc.integer({ min: 1, max: 4 }), back: fc.nat(12) },
    });
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 30 }), query, (list, asked) => {
        const states = [new Map<string, string>()];
        const writes = list.map(({ key, text }) => [text === undefined ? remove(key) : put(key, text)]);
        for (const { key, text } of list) {
          const next = new Map(states.at(-1));
          if (text === undefined) next.delete(key);
          else next.set(key, text);
          states.push(next);
        }
        const atRevision = Math.max(0, list.length - asked.back);
        const { entries, remaining } = buildState(writes).range(asked.prefix, { ...asked, atRevision });
        const want = [...(states[atRevision] ?? [])]
          .filter(([key]) => key.startsWith(asked.prefix) && key > asked.after)
          .toSorted(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(
          entries.map(({ key, value }) => [key, Buffer.from(value).toString()]),
          want.slice(0, asked.limit),
        );
        assert.equal(remaining, Math.max(0, want.length - asked.limit));
      }),
    );
  });
});
