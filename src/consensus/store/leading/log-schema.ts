import type { DatabaseConnection } from '../../engine/database.ts';
import { ConsensusError } from '../../consensus-error.ts';

/** Version of the tables below; a member refuses to lead on tables of a later one. */
const schemaVersion = 1;

/**
 * `log` holds every write that is still needed: the newest of each key, and all above the compaction
 * floor. A position is the revision and the place within it in one integer, so that the rows of a batch
 * go to the end of one B-tree. There is no second table or index, because each batch would touch its
 * pages all over: every member knows from memory which row is the newest of a key.
 */
const statements = [
  `CREATE TABLE IF NOT EXISTS log (
     position INTEGER PRIMARY KEY, key TEXT NOT NULL, operation INTEGER NOT NULL, value BLOB, transaction_id TEXT)`,
  `CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID`,
  `INSERT OR IGNORE INTO meta (name, value)
     VALUES ('schema', ${schemaVersion}), ('term', 0), ('owner', ''), ('released', 0), ('compacted', 0), ('proof', 0)`,
];

/** Creates what is missing; on an existing database it reads only, whatever release made it. */
export async function ensureSchema(database: DatabaseConnection, signal: AbortSignal): Promise<void> {
  const found = await database.query(`SELECT name FROM sqlite_master WHERE name = 'meta'`, [], signal);
  if (found.rows.length === 0) for (const sql of statements) await database.exec(sql, [], signal);
}

/** Throws unless this release knows the tables. */
export function assertSchema(meta: Meta): void {
  const version = Number(meta.get('schema'));
  if (version === schemaVersion) return;
  const doing = `leading on a database of schema ${version}; this release knows ${schemaVersion}`;
  throw new ConsensusError('NotLeader', doing);
}

export type MetaName = 'compacted' | 'owner' | 'released' | 'schema' | 'term';
export type Meta = ReadonlyMap<string, unknown> & { get(name: MetaName): unknown };

/** All of it at once: what a take-over needs takes one round trip. */
export async function readMeta(database: DatabaseConnection, signal: AbortSignal): Promise<Meta> {
  const { rows } = await database.query('SELECT name, value FROM meta', [], signal);
  return new Map(rows.map(([name, value]) => [String(name), value]));
}
