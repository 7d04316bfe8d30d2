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

/** Creates what is missing; on an existing database it reads only. */
export async function ensureSchema(database: DatabaseConnection, signal: AbortSignal): Promise<void> {
  const found = await database.query(`SELECT name FROM sqlite_master WHERE name = 'meta'`, [], signal);
  if (found.rows.length === 0) for (const sql of statements) await database.exec(sql, [], signal);
  const version = Number(await readMeta(database, 'schema', signal));
  if (version === schemaVersion) return;
  const doing = `leading on a database of schema ${version}; this release knows ${schemaVersion}`;
  throw new ConsensusError('NotLeader', doing);
}

export type MetaName = 'compacted' | 'owner' | 'released' | 'schema' | 'term';

export async function readMeta(
  database: DatabaseConnection,
  name: MetaName,
  signal: AbortSignal,
): Promise<unknown> {
  const { rows } = await database.query(`SELECT value FROM meta WHERE name = ?`, [name], signal);
  return rows[0]?.[0];
}
