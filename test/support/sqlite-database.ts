import { DatabaseSync } from 'node:sqlite';

import type {
  DatabaseClient,
  DatabaseConnection,
  QueryResult,
  SqlValue,
} from '../../src/consensus/engine/database.ts';

/** One SQLite database in memory that answers as dqlite's node does while it leads. */
export class SqliteDatabase implements DatabaseClient {
  readonly #database = new DatabaseSync(':memory:');
  /** Statements that changed something, for tests of how many round trips a write takes. */
  readonly statements: string[] = [];

  connect(): Promise<DatabaseConnection> {
    return Promise.resolve(this.connection());
  }

  connection(): DatabaseConnection {
    const database = this.#database;
    const { statements } = this;
    const unused = (): Promise<never> => Promise.reject(new Error('not part of this double'));
    return {
      exec(sql, params) {
        statements.push(sql);
        if (params.length === 0 && sql.includes(';')) {
          // Several statements; the last change is counted, as dqlite does.
          database.exec(sql);
          const counted = database.prepare('SELECT changes() AS rows').get()?.['rows'];
          return Promise.resolve({ rowsAffected: Number(counted), lastInsertId: 0 });
        }
        const { changes, lastInsertRowid } = database.prepare(sql).run(...params);
        return Promise.resolve({ rowsAffected: Number(changes), lastInsertId: Number(lastInsertRowid) });
      },
      query(sql, params) {
        return Promise.resolve(read(database, sql, params));
      },
      ...{ leader: unused, cluster: unused, addNode: unused, assignRole: unused },
      ...{ removeNode: unused, transfer: unused, dump: unused },
      closed: false,
      onClose: () => undefined,
      close: () => undefined,
    };
  }
}

function read(database: DatabaseSync, sql: string, params: readonly SqlValue[]): QueryResult {
  const found = database.prepare(sql).all(...params);
  const columns = Object.keys(found[0] ?? {});
  // -- SQLite gives numbers here, never bigints, because none is asked for
  const rows = found.map((row) => Object.values(row) as (Uint8Array | number | string | null)[]);
  return { columns, rows };
}
