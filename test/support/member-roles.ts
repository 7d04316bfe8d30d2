import assert from 'node:assert/strict';

import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Member } from '../../src/api/generated/member.ts';
import { type TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';

export async function listMembers(cluster: TestCluster, member = 1): Promise<Member[]> {
  return (await cluster.getJson<{ items: Member[] }>(['members'], { member })).items;
}

/** How often each database role is held, as `kubectl get members` shows it. */
function countRoles(members: readonly Member[]): Record<string, number> {
  const names = members.map(
    ({ status }) => status?.roles?.find((role) => role.startsWith('database-')) ?? 'spare',
  );
  return Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length] as const).toSorted(),
  );
}

export interface RoleWait {
  readonly member?: number;
  readonly timeoutMs?: number;
  /** What has to hold besides. */
  readonly holds?: (members: readonly Member[]) => boolean;
}

export async function waitForRoles(
  cluster: TestCluster,
  want: Readonly<Record<string, number>>,
  { member = 1, timeoutMs = 40_000, holds = () => true }: RoleWait = {},
): Promise<void> {
  await eventually(`roles ${JSON.stringify(want)}`, timeoutMs, async () => {
    const members = await listMembers(cluster, member);
    const seen = members.map(describeRole).join(', ');
    assert.deepEqual(countRoles(members), want, seen);
    assert(holds(members), seen);
  });
}

function describeRole({ metadata, status }: Member): string {
  return `${metadata.name} ${status?.state ?? 'unknown'} ${status?.databaseRole ?? 'none'}`;
}

/** The leading member, and the number of another one to talk to. */
export async function findLeader(
  cluster: TestCluster,
  member = 1,
): Promise<{ readonly leader: LabMember; readonly other: number }> {
  const members = await cluster.lab.listMembers();
  const holder = (await listMembers(cluster, member)).find(({ status }) =>
    status?.roles?.includes('database-leader'),
  );
  const index = members.findIndex(({ name }) => name === holder?.metadata.name);
  const leader = members[index];
  assert(leader !== undefined, 'no member leads');
  return { leader, other: index === 0 ? 2 : 1 };
}
