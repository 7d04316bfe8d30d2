import { members } from '../../api/generated/resources.ts';
import { withCluster } from '../cluster-connection.ts';
import { memberColumns } from '../columns.ts';
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
