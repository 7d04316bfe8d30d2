import { readFile } from 'node:fs/promises';

import { findMember } from '../../../scripts/lab/member-process.ts';
import { findProcessesOf, type ProcessIdentity } from '../../../scripts/lab/processes.ts';
import type { LabMember } from '../../../scripts/lab/spec.ts';

/** The two processes of a member that take part in consensus; one that does not run is left out. */
export async function findStoreProcesses(
  member: LabMember,
  which: 'both' | 'daemon' | 'database',
): Promise<readonly ProcessIdentity[]> {
  const daemon = which === 'database' ? undefined : await findMember(member);
  const databases = which === 'daemon' ? [] : await findDatabases(member);
  return [...(daemon === undefined ? [] : [daemon]), ...databases];
}

async function findDatabases({ dataDirectory }: LabMember): Promise<readonly ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const identity of await findProcessesOf(dataDirectory)) {
    const commandLine = await readFile(`/proc/${identity.pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.split('\0')[0]?.endsWith('muster-dqlite') === true) found.push(identity);
  }
  return found;
}
