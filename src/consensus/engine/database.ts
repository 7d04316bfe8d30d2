/**
 * What the store needs of dqlite. A connection reaches the node of this member only, and the node
 * executes statements only while it leads: elsewhere they fail with a `DatabaseError` that
 * `isNotLeader` recognises.
 */
export interface DatabaseClient {
  connect(signal: AbortSignal): Promise<DatabaseConnection>;
}

export type SqlValue = Uint8Array | bigint | number | string | null;

export interface ExecResult {
  readonly lastInsertId: number;
  readonly rowsAffected: number;
}

export interface QueryResult {
  readonly columns: readonly string[];
  /** Integers arrive as numbers; revisions stay far below 2^53. */
  readonly rows: readonly (readonly (Uint8Array | number | string | null)[])[];
}

/** Role codes of the Raft configuration, as dqlite numbers them. */
export const raftRoles = { voter: 0, 'stand-by': 1, spare: 2 } as const;
export type RaftRole = keyof typeof raftRoles;

export interface RaftNode {
  readonly id: string;
  /** The logical address: `member:<id>`. */
  readonly address: string;
  readonly role: RaftRole;
}

/**
 * One connection. dqlite answers requests of a connection in order, one at a time; requests made
 * meanwhile wait here. A request whose `signal` aborts while it waits is never sent and disturbs no other.
 * When it was already sent, the connection is closed: the late answer could not be told from the next
 * one, and closing is also what makes dqlite give up a long query and roll an open transaction back.
 */
export interface DatabaseConnection {
  /**
   * Runs one or more statements without a result; parameters belong to the first. dqlite 1.11 takes at
   * most 255 parameters a statement (it counts them in one byte; 1.13 and later know a wider format).
   * A statement outside BEGIN and COMMIT is one Raft entry.
   */
  exec(sql: string, params: readonly SqlValue[], signal: AbortSignal): Promise<ExecResult>;
  query(sql: string, params: readonly SqlValue[], signal: AbortSignal): Promise<QueryResult>;
  /** The leader as this node knows it; undefined while there is none, and always on spares. */
  leader(signal: AbortSignal): Promise<{ readonly id: string; readonly address: string } | undefined>;
  cluster(signal: AbortSignal): Promise<readonly RaftNode[]>;
  addNode(id: string, address: string, signal: AbortSignal): Promise<void>;
  assignRole(id: string, role: RaftRole, signal: AbortSignal): Promise<void>;
  removeNode(id: string, signal: AbortSignal): Promise<void>;
  /** Hands leadership to another voter; with id 0 dqlite chooses. */
  transfer(id: string, signal: AbortSignal): Promise<void>;
  /** The database file and its write-ahead log as they are on this node. */
  dump(signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  readonly closed: boolean;
  onClose(callback: (reason: Error) => void): void;
  close(): void;
}

/** A statement or request that dqlite refused. Codes are SQLite's (extended) or dqlite's own. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

// SQLITE_IOERR with dqlite's extensions 40 (not leader) and 41 (leadership lost), both old and new codes.
const notLeaderCode = 10_250;
const leadershipLostCode = 10_506;
// dqlite answers membership requests with plain SQLITE_ERROR-like codes and these words.
const notLeaderText = /not (the )?leader|leadership lost/i;

/** The node does not lead (any more). Whether a statement took effect is not known for `leadership lost`. */
export function isNotLeader(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  return (
    error.code === notLeaderCode || error.code === leadershipLostCode || notLeaderText.test(error.message)
  );
}
