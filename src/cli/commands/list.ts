import { instances } from '../../api/generated/resources.ts';
import { withCluster } from '../cluster-connection.ts';
import { instanceColumns } from '../columns.ts';
import { formatObjects, type OutputForm } from '../output.ts';

export async function listInstances(flags: {
  readonly kubeconfig?: string;
  readonly output: OutputForm;
  readonly namespace?: string;
}): Promise<void> {
  const { namespace } = flags;
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const scope = namespace === undefined ? {} : { namespace };
    const { items } = await clusterApi.list(instances, scope, signal);
    process.stdout.write(formatObjects(items, instanceColumns, flags.output));
  });
}
