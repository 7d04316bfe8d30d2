import assert from 'node:assert/strict';

import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { eventually, type TestCluster } from './cluster.ts';

export async function listMembers(cluster: TestCluster, member = 1): Promise<Member[]> {
  return (await cluster.getJson<{ items: Member[] }>(['members'], { member })).items;
}

/** How often each database role is held, as `kubectl get members` shows it. */
export function countRoles(members: readonly Member[]): Record<string, number> {
  const names = members.map(
    ({ status }) => status?.roles?.find((role) => role.startsWith('database-')) ?? 'spare',
  );
  return Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length] as const).toSorted(),
  );
}

export async function waitForRoles(
  cluster: TestCluster,
  want: Readonly<Record<string, number>>,
  { member = 1, timeoutMs = 40_000 } = {},
): Promise<void> {
  await eventually(`roles ${JSON.stringify(want)}`, timeoutMs, async () => {
    assert.deepEqual(countRoles(await listMembers(cluster, member)), want);
  });
}

/** The leading member, and the number of another one to talk to. */
export async function findLeader(
  cluster: TestCluster,
): Promise<{ readonly leader: LabMember; readonly other: number }> {
  const members = await cluster.lab.listMembers();
  const holder = (await listMembers(cluster)).find(({ status }) =>
    status?.roles?.includes('database-leader'),
  );
  const index = members.findIndex(({ name }) => name === holder?.metadata.name);
  const leader = members[index];
  assert(leader !== undefined, 'no member leads');
  return { leader, other: index === 0 ? 2 : 1 };
}
