import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A wall clock for each member. libfaketime shifts what a process is told of the real time by what a file says, while
 * it runs; the monotonic clock is left alone, as it is when an operator or NTP sets a host's clock.
 */
export interface MemberClocks {
  environmentOf(member: string): Readonly<Record<string, string>>;
  set(member: string, offsetSeconds: number): Promise<void>;
}

export async function createMemberClocks(directory: string): Promise<MemberClocks> {
  const library = await findLibrary();
  const fileOf = (member: string): string => path.join(directory, member);
  return {
    environmentOf: (member) => ({
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: fileOf(member),
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      // The times of files stay true, and waiting for a condition is not touched.
      NO_FAKE_STAT: '1',
    }),
    async set(member, offsetSeconds) {
      await mkdir(directory, { recursive: true });
      await writeFile(fileOf(member), `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    },
  };
}

async function findLibrary(): Promise<string> {
  for (const architecture of await readdir('/usr/lib')) {
    const library = path.join('/usr/lib', architecture, 'faketime', 'libfaketimeMT.so.1');
    if (existsSync(library)) return library;
  }
  throw new Error('libfaketime is missing: run scripts/setup, or apt-get install libfaketime');
}
