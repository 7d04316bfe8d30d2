import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/logger.ts';
import type { DatabaseClient, DatabaseConnection } from '../engine/database.ts';
import { startEngine } from '../engine/engine.ts';
import { LogTable, revisionOf } from '../store/leading/log-table.ts';
import { takeOver } from '../store/leading/take-over.ts';
import { StoreState } from '../store/state/store-state.ts';
import type { StoredEntry, WriteOperation } from '../store/store.ts';
import { createTransactionIds } from '../store/transaction-ids.ts';

export interface OfflineOptions {
  readonly helperPath: string;
  /** The database directory, of which this id is the only voter. Id 1 founds one in an empty directory. */
  readonly directory: string;
  readonly id: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OfflineStore {
  readonly state: StoreState;
  /** Writes entries at the revisions that they had. */
  readonly load: (entries: readonly StoredEntry[]) => Promise<void>;
  /**
   * Writes one transaction far above everything that was ever seen, and forgets all history: whoever followed what
   * came before, or a future that is lost, is told to look anew.
   */
  readonly beginAnew: (operations: readonly WriteOperation[]) => Promise<number>;
}

const electionLimitMs = 30_000;
const lookAgainMs = 20;
const statementLimitMs = 60_000;
/** More writes than the lost part of any log can have had. */
const revisionGap = 1_000_000_000;
// A statement of dqlite 1.11 takes 255 parameters, two a row, and an entry of Raft should stay below its segment.
const rowsAtOnce = 100;
const bytesAtOnce = 1024 * 1024;
const removedAtOnce = 1_000;

/** Opens a database that no member runs, with nobody else to vote, for as long as `run` takes. */
export async function withOfflineStore<T>(
  options: OfflineOptions,
  run: (store: OfflineStore) => Promise<T>,
): Promise<T> {
  const { helperPath, directory, id, clock, logger } = options;
  const socketDir = await mkdtemp(join(tmpdir(), 'muster-offline-'));
  try {
    const socketPath = join(socketDir, 'engine.sock');
    const engine = await startEngine({
      ...{ helperPath, directory, id, socketPath, clock, logger },
      failureDomain: 0,
    });
    try {
      const database = await connectToLeader(engine.database, id, clock);
      const state = new StoreState(() => clock.monotonicMs());
      const { term } = await takeOver(database, state, { clock, leaseMs: 0 });
      return await run(createStore(state, database, new LogTable({ term, database, clock }), clock));
    } finally {
      await engine.close();
    }
  } finally {
    await rm(socketDir, { recursive: true, force: true });
  }
}

async function connectToLeader(
  client: DatabaseClient,
  id: string,
  clock: Clock,
): Promise<DatabaseConnection> {
  using deadline = createDeadline(clock, electionLimitMs, 'waiting for the database to elect its only voter');
  const database = await client.connect(deadline.signal);
  while ((await database.leader(deadline.signal))?.id !== id) await clock.sleep(lookAgainMs, deadline.signal);
  return database;
}

function createStore(
  state: StoreState,
  database: DatabaseConnection,
  log: LogTable,
  clock: Clock,
): OfflineStore {
  const transactionIds = createTransactionIds();
  return {
    state,
    async load(entries) {
      for (const batch of cutIntoBatches(entries)) {
        await log.append(batch.map((committed) => ({ ...committed, transactionId: transactionIds.next() })));
      }
    },
    async beginAnew(operations) {
      const revision = Math.max(state.revision, await readNewest(database, clock)) + revisionGap;
      await log.append([{ revision, transactionId: transactionIds.next(), operations }]);
      await log.moveFloor(revision);
      await removeSuperseded(database, clock);
      await log.release();
      return revision;
    },
  };
}

interface LoadedRevision {
  readonly revision: number;
  readonly operations: readonly WriteOperation[];
}

/** Keys of one revision stay together: their rows follow one another. */
function* cutIntoBatches(entries: readonly StoredEntry[]): Generator<LoadedRevision[]> {
  let batch: LoadedRevision[] = [];
  let rows = 0;
  let bytes = 0;
  for (const { revision, operations } of groupByRevision(entries)) {
    const size = operations.reduce(
      (sum, { key, ...rest }) => sum + key.length + ('value' in rest ? rest.value.length : 0),
      0,
    );
    if (batch.length > 0 && (rows + operations.length > rowsAtOnce || bytes + size > bytesAtOnce)) {
      yield batch;
      [batch, rows, bytes] = [[], 0, 0];
    }
    batch.push({ revision, operations });
    rows += operations.length;
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function groupByRevision(entries: readonly StoredEntry[]): readonly LoadedRevision[] {
  const groups = Map.groupBy(
    entries.toSorted((a, b) => a.revision - b.revision),
    ({ revision }) => revision,
  );
  return [...groups].map(([revision, group]) => ({
    revision,
    operations: group.map(({ key, value }) => ({ kind: 'put', key, value })),
  }));
}

async function readNewest(database: DatabaseConnection, clock: Clock): Promise<number> {
  using deadline = createDeadline(clock, statementLimitMs, 'reading the newest revision');
  const { rows } = await database.query('SELECT max(position) FROM log', [], deadline.signal);
  return revisionOf(Number(rows[0]?.[0] ?? 0));
}

const superseded = 'position NOT IN (SELECT max(position) FROM log GROUP BY key)';

/**
 * What no history names any more would otherwise stay for ever. A deletion goes after what it deleted, which would
 * come back without it.
 */
async function removeSuperseded(database: DatabaseConnection, clock: Clock): Promise<void> {
  for (const gone of [superseded, 'operation = 0']) {
    const sql = `DELETE FROM log WHERE position IN (SELECT position FROM log WHERE ${gone} LIMIT ${removedAtOnce})`;
    for (let removed = removedAtOnce; removed === removedAtOnce;) {
      using deadline = createDeadline(clock, statementLimitMs, 'removing what is superseded');
      removed = (await database.exec(sql, [], deadline.signal)).rowsAffected;
    }
  }
}
