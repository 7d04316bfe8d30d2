import assert from 'node:assert/strict';

import fc from 'fast-check';

import { LogTable } from '../../../../../src/consensus/store/leading/log-table.ts';
import { Sweep } from '../../../../../src/consensus/store/leading/sweep.ts';
import { takeOver } from '../../../../../src/consensus/store/leading/take-over.ts';
import { StoreState } from '../../../../../src/consensus/store/state/store-state.ts';
import type { WriteOperation } from '../../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { SqliteDatabase } from '../../../../support/sqlite-database.ts';
import { put, remove } from '../../../../support/store-contract.ts';

const stepRows = 512;

/** A leader with its table, and what a member that starts anew would read from it. */
class Bench {
  readonly database = new SqliteDatabase();
  readonly state = new StoreState(() => 0);
  readonly #clock = new FakeClock();
  readonly log: LogTable;

  private constructor() {
    this.log = new LogTable({ term: 1, database: this.database.connection(), clock: this.#clock });
  }

  static async start(): Promise<Bench> {
    const bench = new Bench();
    await takeOver(bench.database.connection(), bench.state, { clock: bench.#clock, leaseMs: 0 });
    return bench;
  }

  async write(...operations: readonly WriteOperation[]): Promise<void> {
    const batch = [{ revision: this.state.revision + 1, transactionId: 't', operations }];
    await this.log.append(batch);
    this.state.apply(batch);
  }

  async compact(floor: number): Promise<void> {
    await this.log.moveFloor(floor);
    this.state.compact(floor);
  }

  async sweep(between: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const sweep = new Sweep(this.log, this.state);
    for (;;) {
      await sweep.step();
      if (!sweep.hasMore) return;
      await between();
    }
  }

  /** As `key@revision`. */
  async readRows(): Promise<readonly string[]> {
    const { rows } = await this.database
      .connection()
      .query(
        'SELECT position / 128 AS revision, key FROM log ORDER BY position',
        [],
        AbortSignal.timeout(5_000),
      );
    return rows.map(([revision, key]) => `${String(key)}@${Number(revision)}`);
  }

  async reload(): Promise<readonly string[]> {
    const fresh = new StoreState(() => 0);
    await takeOver(this.database.connection(), fresh, { clock: this.#clock, leaseMs: 0 });
    return describePasts(fresh);
  }
}

/** What is to be seen at every revision that can still be read. */
function describePasts(state: StoreState): readonly string[] {
  const pasts: string[] = [];
  for (let revision = state.compactedRevision; revision <= state.revision; revision += 1) {
    const { entries } = state.range('', { atRevision: revision });
    pasts.push(
      entries.map((entry) => `${entry.key}=${Buffer.from(entry.value).toString()}@${entry.revision}`).join(),
    );
  }
  return pasts;
}

/** What has to be in the table, and nothing else: the state at the floor and all above it. */
function expectedRows(state: StoreState): readonly string[] {
  const { entries } = state.range('', { atRevision: state.compactedRevision });
  const above = [...state.history.after(0)].flatMap(({ revision, changes }) =>
    changes.map(({ key }) => ({ key, revision })),
  );
  return [...entries, ...above].map(({ key, revision }) => `${key}@${revision}`).toSorted();
}

describe('consensus/store/leading/sweep', () => {
  it('removes what was overwritten and what was deleted, and the deletion', async () => {
    const bench = await Bench.start();
    await bench.write(put('/a', '1'));
    await bench.write(put('/kept', '1'));
    await bench.write(put('/a', '2'), put('/b', '1'));
    await bench.write(remove('/b'));
    await bench.write(put('/c', '1'));
    await bench.compact(4);
    await bench.sweep();
    assert.deepEqual(await bench.readRows(), ['/kept@2', '/a@3', '/c@5']);
    assert.deepEqual(await bench.reload(), describePasts(bench.state));
  });

  it('leaves what only later revisions superseded', async () => {
    const bench = await Bench.start();
    await bench.write(put('/a', '1'));
    await bench.write(put('/b', '1'));
    await bench.compact(2);
    await bench.write(put('/a', '2'));
    await bench.write(remove('/b'));
    await bench.sweep();
    assert.deepEqual(await bench.readRows(), ['/a@1', '/b@2', '/a@3', '/b@4']);
  });

  it('writes nothing where there is nothing to remove', async () => {
    const bench = await Bench.start();
    await bench.write(put('/a', '1'));
    await bench.compact(1);
    const before = bench.database.statements.length;
    await bench.sweep();
    assert.equal(bench.database.statements.length, before);
  });

  it('takes neighbours in one run', async () => {
    const bench = await Bench.start();
    for (let index = 0; index < 100; index += 1) await bench.write(put('/a', String(index)));
    await bench.compact(100);
    await bench.sweep();
    assert.deepEqual(await bench.readRows(), ['/a@100']);
    assert.match(
      bench.database.statements.at(-1) ?? '',
      /^DELETE FROM log WHERE position BETWEEN 128 AND 12672 AND/,
    );
  });

  it('goes on while others write between its steps', async () => {
    const bench = await Bench.start();
    const keys = Array.from({ length: stepRows + 100 }, (_, index) => `/${String(index).padStart(4, '0')}`);
    for (const key of keys) await bench.write(put(key, '1'));
    await bench.compact(bench.state.revision);
    const late = keys.at(-1) ?? '';
    await bench.sweep(() => bench.write(put(late, '2')));
    assert.ok((await bench.readRows()).includes(`${late}@${keys.length}`));
    await bench.compact(bench.state.revision);
    await bench.sweep();
    assert.deepEqual((await bench.readRows()).toSorted(), expectedRows(bench.state));
    assert.deepEqual(await bench.reload(), describePasts(bench.state));
  });

  it('keeps what is needed and nothing else, whatever was written, compacted, swept and stopped in between', async () => {
    const key = fc.constantFrom('/a', '/b', '/c', '/d');
    const operation = fc.tuple(key, fc.option(fc.string({ maxLength: 2 }), { nil: undefined }));
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.uniqueArray(operation, { minLength: 1, maxLength: 3, selector: ([one]) => one }),
      },
      { weight: 2, arbitrary: fc.constant('compact' as const) },
      { weight: 1, arbitrary: fc.constant('sweep' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 60 }), fc.nat(6), async (events, kept) => {
        const bench = await Bench.start();
        for (const one of events) {
          const { state } = bench;
          const floor = Math.max(state.compactedRevision, state.revision - 1 - kept);
          if (one === 'sweep') await bench.sweep();
          else if (one === 'compact') await bench.compact(floor);
          else
            await bench.write(...one.map(([at, text]) => (text === undefined ? remove(at) : put(at, text))));
        }
        await bench.sweep();
        assert.deepEqual((await bench.readRows()).toSorted(), expectedRows(bench.state));
        assert.deepEqual(await bench.reload(), describePasts(bench.state));
      }),
      { numRuns: 100 },
    );
  });
});
