import { isApiError } from '../../api/api-error.ts';
import { memberSettings } from '../../api/defaults.ts';
import type { ClusterGroup } from '../../api/generated/cluster-group.ts';
import type { Member } from '../../api/generated/member.ts';
import { clusterGroups, members } from '../../api/generated/resources.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { changeMember } from '../member-access.ts';
import { formatObject, formatObjects, type Column } from '../output.ts';
import type { GlobalFlags, OutputFlags } from '../program/flags.ts';
import { splitList } from '../split-list.ts';
import { UsageError } from '../usage-error.ts';

function groupColumns(all: readonly Member[]): readonly Column<ClusterGroup>[] {
  const namesIn = (group: string): string =>
    all
      .filter(({ spec }) => memberSettings(spec).groups.includes(group))
      .map(({ metadata }) => metadata.name)
      .join(',');
  return [
    { title: 'NAME', cell: ({ metadata }) => metadata.name },
    { title: 'DESCRIPTION', cell: ({ spec }) => spec?.description },
    { title: 'MEMBERS', cell: ({ metadata }) => namesIn(metadata.name) },
  ];
}

export async function listGroups(flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const { items: all } = await clusterApi.list(members, {}, signal);
    const { items } = await clusterApi.list(clusterGroups, {}, signal);
    process.stdout.write(formatObjects(items, groupColumns(all), flags.output));
  });
}

export async function showGroup(name: string, flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async (connection) => {
    const group = await getGroup(connection, name);
    const { items: all } = await connection.clusterApi.list(members, {}, connection.signal);
    process.stdout.write(formatObject(group, groupColumns(all), flags.output));
  });
}

export async function createGroup(
  name: string,
  flags: GlobalFlags & { readonly description?: string },
): Promise<void> {
  const { description } = flags;
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const { apiVersion, kind } = clusterGroups;
    const spec = description === undefined ? {} : { description };
    try {
      await clusterApi.create(clusterGroups, { apiVersion, kind, metadata: { name }, spec }, signal);
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) throw new UsageError(`group "${name}" exists already`);
      throw error;
    }
    console.error(`Group ${name} created.`);
  });
}

export async function deleteGroup(name: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async (connection) => {
    const { clusterApi, signal } = connection;
    await getGroup(connection, name);
    const { items: all } = await clusterApi.list(members, {}, signal);
    const inIt = all.filter(({ spec }) => memberSettings(spec).groups.includes(name));
    if (inIt.length > 0) {
      const names = inIt.map(({ metadata }) => metadata.name).join(', ');
      throw new UsageError(`group "${name}" still has the members ${names}; take them out of it first`);
    }
    await clusterApi.delete(clusterGroups, { name }, {}, signal);
    console.error(`Group ${name} deleted.`);
  });
}

export async function assignGroups(member: string, list: string, flags: GlobalFlags): Promise<void> {
  const groups = splitList(list);
  await changeGroups(member, flags, async (connection) => {
    for (const group of groups) await getGroup(connection, group);
    return () => [...groups];
  });
}

export async function addToGroup(member: string, group: string, flags: GlobalFlags): Promise<void> {
  await changeGroups(member, flags, async (connection) => {
    await getGroup(connection, group);
    return (current) => {
      if (!current.includes(group)) return [...current, group];
      throw new UsageError(`member "${member}" is in group "${group}" already`);
    };
  });
}

export async function removeFromGroup(member: string, group: string, flags: GlobalFlags): Promise<void> {
  await changeGroups(member, flags, () =>
    Promise.resolve((current) => {
      if (!current.includes(group)) throw new UsageError(`member "${member}" is not in group "${group}"`);
      if (current.length > 1) return current.filter((name) => name !== group);
      throw new UsageError(
        `group "${group}" is the only one of member "${member}", and a member needs one; add it to another first`,
      );
    }),
  );
}

type GroupEdit = (current: readonly string[]) => string[];

async function changeGroups(
  member: string,
  flags: GlobalFlags,
  prepare: (connection: ClusterConnection) => Promise<GroupEdit>,
): Promise<void> {
  await withCluster(flags.kubeconfig, async (connection) => {
    const edit = await prepare(connection);
    const { clusterApi, signal } = connection;
    const change = ({ spec }: Member) => ({ groups: edit(memberSettings(spec).groups) });
    await changeMember(clusterApi, member, change, signal);
  });
}

async function getGroup({ clusterApi, signal }: ClusterConnection, name: string): Promise<ClusterGroup> {
  const group = await clusterApi.get(clusterGroups, { name }, signal);
  if (group !== undefined) return group;
  const { items } = await clusterApi.list(clusterGroups, {}, signal);
  const names = items.map(({ metadata }) => metadata.name).join(', ');
  throw new UsageError(`group "${name}" does not exist; the groups are ${names}`);
}
