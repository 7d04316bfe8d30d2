import { exchangeCondition } from '../api/authority.ts';
import { findCondition } from '../api/conditions.ts';
import type { Cluster } from '../api/generated/cluster.ts';
import type { Instance } from '../api/generated/instance.ts';
import type { Member } from '../api/generated/member.ts';
import { memberSettings } from '../api/defaults.ts';
import type { Column } from './output.ts';

/** What `lxc cluster list` shows, in its order. */
export const memberColumns: readonly Column<Member>[] = [
  { title: 'NAME', cell: ({ metadata }) => metadata.name },
  { title: 'URL', cell: ({ spec }) => `https://${spec.address}` },
  { title: 'ROLES', cell: ({ status }) => status?.roles?.join(',') },
  { title: 'ARCHITECTURE', cell: ({ status }) => status?.architecture },
  { title: 'FAILURE DOMAIN', cell: ({ spec }) => memberSettings(spec).failureDomain },
  { title: 'DESCRIPTION', cell: ({ spec }) => spec.description },
  { title: 'STATE', cell: ({ status }) => status?.state ?? 'Unknown' },
  { title: 'MESSAGE', cell: ({ status }) => status?.message },
];

export const clusterColumns: readonly Column<Cluster>[] = [
  { title: 'LEADER', cell: ({ status }) => status?.leader },
  { title: 'MEMBERS', cell: ({ status }) => status?.memberCount?.toString() },
  { title: 'VOTERS', cell: ({ status }) => status?.voterCount?.toString() },
  { title: 'AUTHORITY', cell: ({ status }) => findCondition(status, exchangeCondition)?.reason },
];

export const instanceColumns: readonly Column<Instance>[] = [
  { title: 'NAMESPACE', cell: ({ metadata }) => metadata.namespace },
  { title: 'NAME', cell: ({ metadata }) => metadata.name },
  { title: 'STATE', cell: ({ status }) => status?.state ?? 'Pending' },
  { title: 'IPV4', cell: (instance) => addressesOf(instance, 'inet') },
  { title: 'IPV6', cell: (instance) => addressesOf(instance, 'inet6') },
  { title: 'TYPE', cell: ({ spec }) => spec.type ?? 'container' },
  { title: 'MEMBER', cell: ({ status }) => status?.member },
];

function addressesOf({ status }: Instance, family: 'inet' | 'inet6'): string {
  const addresses = (status?.addresses ?? []).filter((address) => address.family === family);
  return addresses.map(({ address, interface: name }) => `${address} (${name})`).join(', ');
}
