import type { Member, MemberSpec } from '../api/generated/member.ts';
import { members } from '../api/generated/resources.ts';
import type { ClusterApi } from '../runtime/cluster-api.ts';
import { UsageError } from './usage-error.ts';

type MemberApi = Pick<ClusterApi, 'get' | 'list' | 'mergePatch'>;

/** What a patch may say: null gives a field its default again. */
export type MemberChange = { readonly [K in keyof MemberSpec]?: MemberSpec[K] | null };

const fieldManager = 'muster';

export async function getMember(
  clusterApi: Pick<ClusterApi, 'get' | 'list'>,
  name: string,
  signal: AbortSignal,
): Promise<Member> {
  const member = await clusterApi.get(members, { name }, signal);
  if (member !== undefined) return member;
  const { items } = await clusterApi.list(members, {}, signal);
  const names = items.map(({ metadata }) => metadata.name).join(', ');
  throw new UsageError(`member "${name}" does not exist; the members are ${names}`);
}

/** Changes what somebody may have changed since it was read only if nobody has. */
export async function changeMember(
  clusterApi: MemberApi,
  name: string,
  decide: (member: Member) => MemberChange,
  signal: AbortSignal,
): Promise<void> {
  const member = await getMember(clusterApi, name, signal);
  const { resourceVersion } = member.metadata;
  const patch = { metadata: { resourceVersion }, spec: decide(member) };
  await clusterApi.mergePatch(members, { name }, patch, { fieldManager }, signal);
}
