import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { sendSignal } from '../../../scripts/lab/processes.ts';
import type { LabMember } from '../../../scripts/lab/spec.ts';
import { findStoreProcesses } from './member-processes.ts';

/** For the members' environment: the file that `stall.ts` waits for to go. */
export const stallVariable = 'MUSTER_TEST_STALL_FILE';

export interface MemberStalls {
  environmentOf(member: string): Readonly<Record<string, string>>;
  /** Stops the main thread of a member's musterd, and nothing else of it, until the answer is called. */
  stall(member: LabMember): Promise<() => Promise<void>>;
}

export function createMemberStalls(directory: string): MemberStalls {
  const fileOf = (member: string): string => path.join(directory, member);
  return {
    environmentOf: (member) => ({ [stallVariable]: fileOf(member) }),
    async stall(member) {
      const file = fileOf(member.name);
      await mkdir(directory, { recursive: true });
      await writeFile(file, '');
      for (const identity of await findStoreProcesses(member, 'daemon'))
        await sendSignal(identity, 'SIGUSR2');
      return () => rm(file, { force: true });
    },
  };
}
