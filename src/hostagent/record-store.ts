import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hostErrorFrom, systemCodeOf } from './exec/host-error.ts';
import { writeFileAtomic } from './exec/write-file-atomic.ts';

/** What this host made, by name: it has to be found again when the API does not know it any more. */
export interface RecordStore<T> {
  get(name: string): Promise<T | undefined>;
  list(): Promise<readonly string[]>;
  put(name: string, record: T): Promise<void>;
  remove(name: string): Promise<void>;
}

const suffix = '.json';

export function createRecordStore<T extends object>(directory: string): RecordStore<T> {
  const pathOf = (name: string): string => join(directory, `${name}${suffix}`);
  return {
    async get(name) {
      try {
        return JSON.parse(await readFile(pathOf(name), 'utf8')) as T; // written below
      } catch (error) {
        if (systemCodeOf(error) === 'ENOENT') return undefined;
        throw hostErrorFrom(error, `reading ${pathOf(name)}`);
      }
    },
    async list() {
      const names = await readdir(directory).catch(() => []);
      return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
    },
    async put(name, record) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFileAtomic(pathOf(name), JSON.stringify(record));
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
  };
}
