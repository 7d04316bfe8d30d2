import type { DatabaseConnection, ExecResult, SqlValue } from '../../engine/database.ts';
import { type Clock } from '../../../base/clock.ts';
import { createDeadline } from '../../../base/deadline.ts';
import { ConsensusError } from '../../consensus-error.ts';
import type { TermLog } from './sequencer.ts';
import type { CommittedRevision } from '../state/store-state.ts';

/** A row without its value: enough to tell whether it is still needed. */
export interface LoggedKey {
  readonly position: number;
  readonly key: string;
  readonly isDeletion: boolean;
}

/** Positions of the first and the last row, both inclusive. */
export type Run = readonly [first: number, last: number];

// Above the most operations that one revision may have (`operationLimit`).
const stride = 128;
// Without a quorum dqlite fails a statement when the leader steps down, well before this.
const statementLimitMs = 5_000;
// Its only use is to spare the next term a tenth of a second.
const releaseLimitMs = 300;

export function firstPosition(revision: number): number {
  return revision * stride;
}

export function revisionOf(position: number): number {
  return Math.floor(position / stride);
}

/** Writes the log for one term. Every statement carries the term, so that a later one shuts it out. */
export class LogTable implements TermLog {
  readonly term: number;
  readonly #database: DatabaseConnection;
  readonly #clock: Clock;

  constructor(options: {
    readonly term: number;
    readonly database: DatabaseConnection;
    readonly clock: Clock;
  }) {
    this.term = options.term;
    this.#database = options.database;
    this.#clock = options.clock;
  }

  async append(batch: readonly CommittedRevision[]): Promise<void> {
    const rows: string[] = [];
    const params: SqlValue[] = [];
    for (const { revision, transactionId, operations } of batch) {
      for (const [index, operation] of operations.entries()) {
        const isPut = operation.kind === 'put';
        const id = index === 0 ? `'${transactionId}'` : 'NULL';
        // Numbers and our own ids stand in the text: a statement takes 255 parameters only.
        rows.push(`(${firstPosition(revision) + index}, ?, ${isPut ? 1 : 0}, ?, ${id})`);
        params.push(operation.key, isPut ? operation.value : null);
      }
    }
    const sql = `INSERT INTO log (position, key, operation, value, transaction_id)
      SELECT * FROM (VALUES ${rows.join(', ')}) WHERE ${this.#ifTerm}`;
    const { rowsAffected } = await this.#exec(sql, params, 'writing a batch');
    if (rowsAffected !== rows.length) throw this.#fenced();
  }

  async prove(): Promise<void> {
    const sql = `UPDATE meta SET value = value + 1 WHERE name = 'proof' AND ${this.#ifTerm}`;
    const { rowsAffected } = await this.#exec(sql, [], 'proving leadership');
    if (rowsAffected !== 1) throw this.#fenced();
  }

  /** Says that no read is answered in this term any more, so that the next one need not wait for its lease. */
  async release(): Promise<void> {
    const sql = `UPDATE meta SET value = ${this.term} WHERE name = 'released' AND ${this.#ifTerm}`;
    await this.#exec(sql, [], 'ending a term', releaseLimitMs);
  }

  /** Says that nothing below this revision can be read any more. Rows that only older revisions saw may stay. */
  async moveFloor(floor: number): Promise<void> {
    const sql = `UPDATE meta SET value = ${floor} WHERE name = 'compacted' AND ${this.#ifTerm}`;
    const { rowsAffected } = await this.#exec(sql, [], 'compacting');
    if (rowsAffected !== 1) throw this.#fenced();
  }

  /** The first `limit` rows from a position on, up to a revision, in order. */
  async look(from: number, lastRevision: number, limit: number): Promise<readonly LoggedKey[]> {
    using deadline = createDeadline(this.#clock, statementLimitMs, 'looking for superseded rows');
    const sql = `SELECT position, key, operation FROM log
      WHERE position >= ? AND position < ? ORDER BY position LIMIT ${limit}`;
    const { rows } = await this.#database.query(
      sql,
      [from, firstPosition(lastRevision + 1)],
      deadline.signal,
    );
    return rows.map(([position, key, operation]) => ({
      ...{ position: Number(position), key: String(key), isDeletion: operation === 0 },
    }));
  }

  /**
   * Removes all rows of the runs, each of which has to hold one, in one transaction, one round trip and one Raft
   * entry. The count of the last run tells whether the term stands.
   */
  async remove(runs: readonly Run[]): Promise<void> {
    const removals = runs.map(
      ([first, last]) => `DELETE FROM log WHERE position BETWEEN ${first} AND ${last} AND ${this.#ifTerm}`,
    );
    const sql = removals.length === 1 ? removals.join() : `BEGIN IMMEDIATE; ${removals.join('; ')}; COMMIT`;
    const { rowsAffected } = await this.#exec(sql, [], 'removing superseded rows');
    if (rowsAffected === 0) throw this.#fenced();
  }

  get #ifTerm(): string {
    return `(SELECT value FROM meta WHERE name = 'term') = ${this.term}`;
  }

  #fenced(): ConsensusError {
    return new ConsensusError('Fenced', `writing in term ${this.term}, which another member ended`);
  }

  async #exec(
    sql: string,
    params: readonly SqlValue[],
    doing: string,
    limitMs = statementLimitMs,
  ): Promise<ExecResult> {
    using deadline = createDeadline(this.#clock, limitMs, doing);
    return await this.#database.exec(sql, params, deadline.signal);
  }
}
