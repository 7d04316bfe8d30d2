import { randomUUID } from 'node:crypto';

import type { Clock } from '../../../base/clock.ts';
import { createDeadline } from '../../../base/deadline.ts';
import type { DatabaseConnection } from '../../engine/database.ts';
import { ConsensusError } from '../../consensus-error.ts';
import { loadContent, loadRevisions } from './load-log.ts';
import { revisionOf } from './log-table.ts';
import { assertSchema, ensureSchema, readMeta } from './log-schema.ts';
import type { CommittedRevision, StoreState } from '../state/store-state.ts';

export interface TakenTerm {
  readonly term: number;
  /** Monotonic time at which the Raft round that wrote the term was started. */
  readonly provenAtMs: number;
  /** The term before ended in good order: its member answers no more reads. */
  readonly isReleased: boolean;
  /** No earlier term can move it any more. */
  readonly floor: number;
}

const statementLimitMs = 5_000;
// The wait of a successor is longer than the lease by this, so that clocks may run a quarter apart.
const leaseMargin = 1.25;
// A cold start reads the whole log: about 100,000 rows a second.
const loadLimitMs = 120_000;
const applyAtOnce = 1_024;

/**
 * Starts a term on the member where dqlite leads: writes the next term, which shuts out every earlier
 * sequencer, waits until no earlier one can answer reads under its lease, then brings the state up to what
 * is committed. Nothing of an earlier term can be committed after that, so what is not in the state by then
 * was never written.
 */
export async function takeOver(
  database: DatabaseConnection,
  state: StoreState,
  { clock, leaseMs }: { readonly clock: Clock; readonly leaseMs: number },
): Promise<TakenTerm> {
  const taken = await writeTerm(database, clock);
  // ADR 7: a lease of an earlier term began before this term was written. Nothing new may be seen before it ends.
  if (!taken.isReleased) await sleepUntil(clock, taken.provenAtMs + leaseMs * leaseMargin);
  using deadline = createDeadline(clock, loadLimitMs, 'loading the log');
  const { floor } = taken;
  const newest = await readNewestRevision(database, deadline.signal);
  const isGapless = state.compactedRevision <= floor && floor <= state.revision;
  if (!isGapless || newest < state.revision) {
    // This member lacks some of the history that is kept, and as the leader has to serve and compact it.
    const seenMs = clock.monotonicMs();
    state.install(await loadContent(database, { floor, seenMs, signal: deadline.signal }));
    return taken;
  }
  let loaded: CommittedRevision[] = [];
  for await (const revision of loadRevisions(database, state.revision, deadline.signal)) {
    loaded.push(revision);
    if (loaded.length < applyAtOnce) continue;
    applyNew(state, loaded);
    loaded = [];
  }
  applyNew(state, loaded);
  state.compact(floor);
  return taken;
}

/** The former leader's last pushes may arrive while the log is read. */
function applyNew(state: StoreState, loaded: readonly CommittedRevision[]): void {
  state.apply(loaded.filter(({ revision }) => revision > state.revision));
}

async function readNewestRevision(database: DatabaseConnection, signal: AbortSignal): Promise<number> {
  const { rows } = await database.query('SELECT max(position) FROM log', [], signal);
  return revisionOf(Number(rows[0]?.[0] ?? 0));
}

async function sleepUntil(clock: Clock, untilMs: number): Promise<void> {
  const leftMs = untilMs - clock.monotonicMs();
  if (leftMs > 0) await clock.sleep(leftMs);
}

async function writeTerm(database: DatabaseConnection, clock: Clock): Promise<TakenTerm> {
  using deadline = createDeadline(clock, statementLimitMs, 'starting a term');
  const { signal } = deadline;
  await ensureSchema(database, signal);
  assertSchema(await readMeta(database, signal));
  const owner = randomUUID();
  const provenAtMs = clock.monotonicMs();
  const sql = `UPDATE meta SET value = CASE name WHEN 'term' THEN value + 1 ELSE '${owner}' END
    WHERE name IN ('term', 'owner')`;
  await database.exec(sql, [], signal);
  const meta = await readMeta(database, signal);
  const term = Number(meta.get('term'));
  // Read after the write, so that a term that another member wrote in between is not taken for ours.
  if (meta.get('owner') !== owner) {
    throw new ConsensusError('Fenced', `starting term ${term}, which another member owns`);
  }
  const isReleased = Number(meta.get('released')) === term - 1;
  return { term, provenAtMs, isReleased, floor: Number(meta.get('compacted')) };
}
