import { instances } from '../../api/generated/resources.ts';
import { withCluster } from '../cluster-connection.ts';
import { instanceColumns } from '../columns.ts';
import { formatObjects } from '../output.ts';
import type { OutputFlags } from '../program/flags.ts';

export async function listInstances(flags: OutputFlags & { readonly namespace?: string }): Promise<void> {
  const { namespace } = flags;
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const scope = namespace === undefined ? {} : { namespace };
    const { items } = await clusterApi.list(instances, scope, signal);
    process.stdout.write(formatObjects(items, instanceColumns, flags.output));
  });
}
