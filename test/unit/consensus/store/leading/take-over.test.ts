import assert from 'node:assert/strict';

import fc from 'fast-check';

import { isConsensusError } from '../../../../../src/consensus/consensus-error.ts';
import { firstPosition, LogTable } from '../../../../../src/consensus/store/leading/log-table.ts';
import { StoreState } from '../../../../../src/consensus/store/state/store-state.ts';
import { Sweep } from '../../../../../src/consensus/store/leading/sweep.ts';
import { takeOver } from '../../../../../src/consensus/store/leading/take-over.ts';
import type { WriteOperation } from '../../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { settle } from '../../../../support/scripted-term-log.ts';
import { SqliteDatabase } from '../../../../support/sqlite-database.ts';
import { describeChanges, put, remove } from '../../../../support/store-contract.ts';

class Bench {
  readonly clock = new FakeClock();
  readonly database = new SqliteDatabase();
  state = new StoreState(() => 0);

  /** Starts the next term on a member with `state`, and answers its log. */
  async takeOver(state = this.state): Promise<LogTable> {
    const connection = this.database.connection();
    const { term } = await takeOver(connection, state, { clock: this.clock, leaseMs: 0 });
    return new LogTable({ term, database: connection, clock: this.clock });
  }

  async write(log: LogTable, operations: readonly WriteOperation[]): Promise<void> {
    const batch = [{ revision: this.state.revision + 1, transactionId: 'run.1', operations }];
    await log.append(batch);
    this.state.apply(batch);
  }

  async compact(log: LogTable, target: number): Promise<void> {
    if (target <= this.state.compactedRevision) return;
    await log.moveFloor(target);
    this.state.compact(target);
  }

  async sweep(log: LogTable): Promise<void> {
    const sweep = new Sweep(log, this.state);
    do await sweep.step();
    while (sweep.hasMore);
  }

  /** Position and key of every row. */
  async readRows(): Promise<readonly string[]> {
    const { rows } = await this.database
      .connection()
      .query(
        'SELECT position / 128 AS revision, key FROM log ORDER BY position',
        [],
        AbortSignal.timeout(1_000),
      );
    return rows.map(([revision, key]) => `${String(key)}@${Number(revision)}`);
  }
}

/** Everything that a reader of the state could find out. */
function describeState(state: StoreState): unknown {
  const pasts = [];
  for (let revision = state.compactedRevision; revision <= state.revision; revision += 1) {
    const { entries } = state.range('', { atRevision: revision });
    pasts.push(
      entries.map(({ key, value, revision: at }) => `${key}=${Buffer.from(value).toString()}@${at}`),
    );
  }
  const changes = [...state.history.after(0)].map((record) => [
    record.transactionId,
    describeChanges(record.changes),
  ]);
  return { pasts, changes, floor: state.compactedRevision, revision: state.revision };
}

describe('consensus/store/leading/take-over', () => {
  it('starts the first term on an empty database', async () => {
    const bench = new Bench();
    const log = await bench.takeOver();
    assert.deepEqual([log.term, bench.state.revision, bench.state.compactedRevision], [1, 0, 0]);
  });

  it('shuts out the former term', async () => {
    const bench = new Bench();
    const former = await bench.takeOver();
    await bench.write(former, [put('/a', '1')]);
    const present = await bench.takeOver();
    assert.equal(present.term, 2);
    const isFenced = (error: unknown): boolean => isConsensusError(error, 'Fenced');
    await assert.rejects(bench.write(former, [put('/a', '2')]), isFenced);
    await assert.rejects(former.prove(), isFenced);
    await assert.rejects(former.moveFloor(1), isFenced);
    await assert.rejects(former.remove([[firstPosition(1), firstPosition(1)]]), isFenced);
    const rest = [firstPosition(2), firstPosition(3)] as const;
    await assert.rejects(former.remove([[firstPosition(1), firstPosition(1)], rest]), isFenced);
    assert.deepEqual(await bench.readRows(), ['/a@1']);
    await bench.write(present, [put('/a', '3')]);
    await present.prove();
  });

  it('shows nothing of the former term before its lease has run out, unless it was given back', async () => {
    const bench = new Bench();
    const { clock } = bench;
    const former = await bench.takeOver();
    await bench.write(former, [put('/a', '1')]);
    const successor = new StoreState(() => 0);
    const taking = takeOver(bench.database.connection(), successor, { clock, leaseMs: 100 });
    await settle();
    await clock.advance(124);
    assert.equal(successor.revision, 0);
    await clock.advance(1);
    const { term } = await taking;
    assert.equal(successor.revision, 1);
    await new LogTable({ term, database: bench.database.connection(), clock }).release();
    const heir = new StoreState(() => 0);
    assert.equal(
      (await takeOver(bench.database.connection(), heir, { clock, leaseMs: 100 })).isReleased,
      true,
    );
    assert.equal(heir.revision, 1);
  });

  it('writes a batch as one statement', async () => {
    const bench = new Bench();
    const log = await bench.takeOver();
    const before = bench.database.statements.length;
    await bench.write(log, [put('/a', '1'), put('/b', '2'), remove('/a')].slice(0, 2));
    assert.equal(bench.database.statements.length, before + 1);
  });

  it('fills only the gap of a member that followed', async () => {
    const bench = new Bench();
    const log = await bench.takeOver();
    const follower = new StoreState(() => 0);
    await bench.write(log, [put('/a', '1')]);
    follower.apply([{ revision: 1, transactionId: 'run.1', operations: [put('/a', '1')] }]);
    await bench.write(log, [put('/a', '2')]);
    const seen: string[] = [];
    follower.watch(
      '/',
      1,
      (_revision, changes) => seen.push(...describeChanges(changes)),
      (error) => {
        throw error;
      },
    );
    await bench.takeOver(follower);
    assert.deepEqual([seen, describeState(follower)], [['+/a=2'], describeState(bench.state)]);
  });

  it('reads all history again on a member that came in by a snapshot', async () => {
    const bench = new Bench();
    const log = await bench.takeOver();
    for (const text of ['1', '2', '3']) await bench.write(log, [put('/a', text)]);
    const follower = new StoreState(() => 0);
    follower.apply(
      ['1', '2', '3'].map((text, index) => ({
        ...{ revision: index + 1, transactionId: 'run.1', operations: [put('/a', text)] },
      })),
    );
    follower.compact(3);
    await bench.takeOver(follower);
    assert.deepEqual(describeState(follower), describeState(bench.state));
  });

  it('finds again what was written and compacted, whatever it was', async () => {
    const keys = fc.constantFrom('/a', '/b', '/c', '/d');
    const operation = fc.tuple(keys, fc.option(fc.string({ maxLength: 3 }), { nil: undefined }));
    const transaction = fc.uniqueArray(operation, { minLength: 1, maxLength: 3, selector: ([key]) => key });
    const transactions = fc.array(transaction, { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(
        transactions,
        fc.nat(20),
        fc.nat(10),
        fc.boolean(),
        async (list, floor, later, isSwept) => {
          const bench = new Bench();
          const log = await bench.takeOver();
          for (const [index, operations] of list.entries()) {
            await bench.write(
              log,
              operations.map(([key, text]) => (text === undefined ? remove(key) : put(key, text))),
            );
            if (index === later) await bench.compact(log, Math.min(floor, bench.state.revision - 1));
            if (index === later && isSwept) await bench.sweep(log);
          }
          const fresh = new StoreState(() => 0);
          await bench.takeOver(fresh);
          assert.deepEqual(describeState(fresh), describeState(bench.state));
        },
      ),
      { numRuns: 60 },
    );
  });
});
