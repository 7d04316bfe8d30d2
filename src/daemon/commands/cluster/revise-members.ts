import { members } from '../../../api/generated/resources.ts';
import type { Member } from '../../../api/generated/member.ts';
import type { Peer } from '../../../consensus/membership/membership.ts';
import type { StoredEntry, WriteOperation } from '../../../consensus/store/store.ts';

const prefix = `/registry/${members.apiVersion.split('/')[0] ?? ''}/${members.plural}/`;

/**
 * The Members of a backup as they are after it is restored: nobody is in the database but `self`, which may have
 * another address than the member whose name it takes. The others are offline until a host joins under their name.
 */
export function reviseMembers(entries: readonly StoredEntry[], self: Peer): readonly WriteOperation[] {
  return entries
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ key, value }): WriteOperation => {
      const member = JSON.parse(Buffer.from(value).toString()) as Member; // validated when it was stored
      const revised = member.metadata.name === self.name ? takeOver(member, self) : strike(member);
      return { kind: 'put', key, value: Buffer.from(JSON.stringify(revised)) };
    });
}

function takeOver(member: Member, { address }: Peer): Member {
  return { ...member, spec: { ...member.spec, address } };
}

function strike(member: Member): Member {
  const { id: _id, databaseRole: _role, publicKeySha256: _key, ...status } = member.status ?? {};
  const message = 'Not back since the cluster was restored from a backup';
  return { ...member, status: { ...status, state: 'Offline', message, roles: [] } };
}
