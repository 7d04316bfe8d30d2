import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { withCluster } from '../cluster-connection.ts';
import { clusterColumns, memberColumns } from '../columns.ts';
import { formatObject, formatObjects } from '../output.ts';
import type { OutputFlags } from '../program/flags.ts';
import { getMember } from '../member-access.ts';

export async function listMembers(flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const { items } = await clusterApi.list(members, {}, signal);
    process.stdout.write(formatObjects(items, memberColumns, flags.output));
  });
}

export async function showMember(name: string, flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    process.stdout.write(
      formatObject(await getMember(clusterApi, name, signal), memberColumns, flags.output),
    );
  });
}

/** Above all its conditions: what is missing, and what goes on. */
export async function showCluster(flags: OutputFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
    if (cluster === undefined) throw new Error('the cluster has no Cluster object yet; try again');
    process.stdout.write(formatObject(cluster, clusterColumns, flags.output));
  });
}
