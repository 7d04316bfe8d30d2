import { setTimeout as delay } from 'node:timers/promises';

import type { Member } from '../../../src/api/generated/member.ts';
import type { LabMember } from '../../lab/spec.ts';
import type { BenchCluster } from './bench-cluster.ts';
import { JsonClient } from './json-client.ts';

const settledLimitMs = 60_000;

/**
 * Answers the leader once every member serves, says that all are online and vote, and names the same leader.
 * `former` was ended while it led: as long as it is named, what is said is from before that.
 */
export async function waitUntilSettled(cluster: BenchCluster, former?: LabMember): Promise<LabMember> {
  const untilMs = performance.now() + settledLimitMs;
  for (;;) {
    const leader = await findSettledLeader(cluster).catch(() => undefined);
    if (leader !== undefined && leader !== former) return leader;
    if (performance.now() > untilMs)
      throw new Error(`the members are not settled after ${settledLimitMs} ms`);
    await delay(200);
  }
}

async function findSettledLeader({ members, ...bench }: BenchCluster): Promise<LabMember | undefined> {
  const leaders = new Set<string>();
  for (const member of members) {
    const client = new JsonClient(bench.endpoint(member));
    try {
      const { items } = await client.get<{ items: Member[] }>('/apis/muster.dev/v1alpha1/members');
      const isSettled = items.every(
        ({ status }) => status?.state === 'Online' && status.databaseRole === 'voter',
      );
      if (items.length !== members.length || !isSettled) return undefined;
      const holders = items.filter(({ status }) => status?.roles?.includes('database-leader'));
      for (const { metadata } of holders) leaders.add(metadata.name);
    } finally {
      client.close();
    }
  }
  return leaders.size === 1 ? members.find(({ name }) => leaders.has(name)) : undefined;
}
