import type { DatabaseConnection } from '../../engine/database.ts';
import { History } from '../state/history.ts';
import { KeySpace } from '../state/key-space.ts';
import { firstPosition, revisionOf } from './log-table.ts';
import type { CommittedRevision, StateContent } from '../state/store-state.ts';
import type { WriteOperation } from '../store.ts';

// Values may be big: a page of the answer has to fit into memory many times over.
const pageRows = 256;

interface LogRow {
  readonly position: number;
  readonly transactionId: string | null;
  readonly operation: WriteOperation;
}

/** Reads the revisions above `revision`; all of them must be above the floor. */
export async function* loadRevisions(
  database: DatabaseConnection,
  revision: number,
  signal: AbortSignal,
): AsyncGenerator<CommittedRevision, void> {
  let open: { revision: number; transactionId: string; operations: WriteOperation[] } | undefined;
  for await (const row of readRows(database, firstPosition(revision + 1), signal)) {
    const at = revisionOf(row.position);
    if (open !== undefined && open.revision !== at) {
      yield open;
      open = undefined;
    }
    open ??= { revision: at, transactionId: row.transactionId ?? '', operations: [] };
    open.operations.push(row.operation);
  }
  if (open !== undefined) yield open;
}

/** Reads everything: the state at the floor, then the history above it. */
export async function loadContent(
  database: DatabaseConnection,
  options: { readonly floor: number; readonly seenMs: number; readonly signal: AbortSignal },
): Promise<StateContent> {
  const { floor, seenMs, signal } = options;
  const keys = new KeySpace();
  const history = new History(floor);
  let newest = floor;
  for await (const { revision, transactionId, operations } of loadRevisions(database, -1, signal)) {
    const changes = operations.map((operation) => keys.apply(operation, revision));
    if (revision <= floor) continue;
    history.append({ revision, transactionId, changes, seenMs });
    newest = revision;
  }
  return { revision: newest, keys, history };
}

async function* readRows(
  database: DatabaseConnection,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<LogRow, void> {
  let next = from;
  for (;;) {
    const sql = `SELECT position, key, operation, value, transaction_id FROM log
      WHERE position >= ? ORDER BY position LIMIT ${pageRows}`;
    const { rows } = await database.query(sql, [next], signal);
    for (const [position, key, operation, value, transactionId] of rows) {
      const at = Number(position);
      yield {
        position: at,
        transactionId: transactionId as string | null,
        operation: readOperation(key as string, operation, value),
      };
      next = at + 1;
    }
    if (rows.length < pageRows) return;
  }
}

function readOperation(key: string, operation: unknown, value: unknown): WriteOperation {
  return operation === 1 ? { kind: 'put', key, value: copy(value) } : { kind: 'delete', key };
}

/** The value is a view into a whole page of the answer, which would stay in memory as long as it. */
function copy(value: unknown): Uint8Array {
  return new Uint8Array(value as Uint8Array);
}
