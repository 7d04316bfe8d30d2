import { open } from 'node:fs/promises';

import type { FaultCluster, FaultMember } from './fault-cluster.ts';

const tailBytes = 512 * 1024;
const leadsPattern = /"term":(\d+)[^\n]*"msg":"this member leads the store"/g;

/** Who leads, by what the members logged: this asks nobody, so it works in the middle of any fault. */
export async function findLeader({ members }: FaultCluster): Promise<FaultMember> {
  const terms = await Promise.all(
    members.map(async (member) => ({ member, term: readNewestTerm(await readTail(member.lab.logFile)) })),
  );
  const [newest] = terms.toSorted((a, b) => b.term - a.term);
  if (newest === undefined) throw new Error('there are no members');
  return newest.member;
}

function readNewestTerm(log: string): number {
  return Math.max(0, ...log.matchAll(leadsPattern).map(([, term]) => Number(term)));
}

async function readTail(file: string): Promise<string> {
  await using log = await open(file, 'r');
  const { size } = await log.stat();
  const start = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await log.read(Buffer.alloc(tailBytes), 0, tailBytes, start);
  return buffer.toString('utf8', 0, bytesRead);
}
