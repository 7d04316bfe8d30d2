import type { DatabaseConnection } from '../engine/database.ts';
import { ConsensusError } from '../consensus-error.ts';

/** Version of the tables below; a member refuses to lead on tables of a later one. */
const schemaVersion = 1;

/**
 * `log` holds every write, `current` points to the last one of each key that exists. A position is the
 * revision and the place within it in one integer, so that the rows of a batch go to the end of one
 * B-tree and need no second index. `current` follows by trigger: a batch stays a single INSERT, that is
 * one round trip and one Raft entry.
 */
const statements = [
  `CREATE TABLE IF NOT EXISTS log (
     position INTEGER PRIMARY KEY, key TEXT NOT NULL, operation INTEGER NOT NULL, value BLOB, transaction_id TEXT)`,
  `CREATE TABLE IF NOT EXISTS "current" (key TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TRIGGER IF NOT EXISTS log_put AFTER INSERT ON log WHEN NEW.operation = 1 BEGIN
     INSERT INTO "current" (key, position) VALUES (NEW.key, NEW.position)
       ON CONFLICT (key) DO UPDATE SET position = excluded.position;
   END`,
  `CREATE TRIGGER IF NOT EXISTS log_delete AFTER INSERT ON log WHEN NEW.operation = 0 BEGIN
     DELETE FROM "current" WHERE key = NEW.key;
   END`,
  `CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID`,
  `INSERT OR IGNORE INTO meta (name, value)
     VALUES ('schema', ${schemaVersion}), ('term', 0), ('owner', ''), ('compacted', 0), ('proof', 0)`,
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

export type MetaName = 'compacted' | 'owner' | 'schema' | 'term';

export async function readMeta(
  database: DatabaseConnection,
  name: MetaName,
  signal: AbortSignal,
): Promise<unknown> {
  const { rows } = await database.query(`SELECT value FROM meta WHERE name = ?`, [name], signal);
  return rows[0]?.[0];
}
