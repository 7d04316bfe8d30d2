import { withCluster } from '../cluster-connection.ts';
import { changeMember } from '../member-access.ts';
import { splitList } from '../split-list.ts';
import { withoutRoles, withRoles } from '../role-edit.ts';
import type { GlobalFlags } from '../program/flags.ts';

export async function addRoles(name: string, roles: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    await changeMember(
      clusterApi,
      name,
      (member) => ({ roles: withRoles(member, splitList(roles)) }),
      signal,
    );
    console.error(`Member ${name} has the roles ${roles}.`);
  });
}

export async function removeRoles(name: string, roles: string, flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    await changeMember(
      clusterApi,
      name,
      (member) => ({ roles: withoutRoles(member, splitList(roles)) }),
      signal,
    );
    console.error(`Member ${name} does not have the roles ${roles} any more.`);
  });
}
