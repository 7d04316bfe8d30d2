import type { DatabaseConnection, ExecResult, SqlValue } from '../../engine/database.ts';
import { type Clock } from '../../../base/clock.ts';
import { createDeadline } from '../../../base/deadline.ts';
import { ConsensusError } from '../../consensus-error.ts';
import type { TermLog } from './sequencer.ts';
import type { CommittedRevision } from '../state/store-state.ts';

/** A row that compaction removes: what a key held since this revision. */
export interface SupersededRow {
  readonly revision: number;
  readonly key: string;
}

// Above the most operations that one revision may have (`operationLimit`).
const stride = 128;
// Without a quorum dqlite fails a statement when the leader steps down, well before this.
const statementLimitMs = 5_000;
// Its only use is to spare the next term a tenth of a second.
const releaseLimitMs = 300;

/** So many rows go in about 5 ms, for which writers wait: some 180 kB of pages, which is what a full batch has. */
export const supersededRowLimit = 256;

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

  /**
   * Moves the floor and removes what only older revisions could see, in one transaction, one round trip and
   * one Raft entry. The move is the last statement that changes rows, so its count tells whether the term stands.
   */
  async compact(floor: number, superseded: readonly SupersededRow[]): Promise<void> {
    const move = `UPDATE meta SET value = ${floor} WHERE name = 'compacted' AND ${this.#ifTerm}`;
    const statements =
      superseded.length === 0 ? move : `BEGIN IMMEDIATE; ${this.#removal(superseded)}; ${move}; COMMIT`;
    const { rowsAffected } = await this.#exec(statements, [], 'compacting');
    if (rowsAffected !== 1) throw this.#fenced();
  }

  /** The keys stand in the text, because a statement takes 255 parameters only. */
  #removal(superseded: readonly SupersededRow[]): string {
    const rows = superseded.map(({ revision, key }) => `(${firstPosition(revision)}, ${quoteText(key)})`);
    return `WITH gone (first, key) AS (VALUES ${rows.join(', ')})
      DELETE FROM log WHERE ${this.#ifTerm} AND position IN (SELECT log.position FROM gone CROSS JOIN log
        ON log.position >= gone.first AND log.position < gone.first + ${stride} AND log.key = gone.key)`;
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

/** As bytes, so that nothing in a key can end the text or the statement. */
function quoteText(text: string): string {
  return `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`;
}
