import { members } from '../../api/generated/resources.ts';
import { withCluster } from '../cluster-connection.ts';
import { memberColumns } from '../columns.ts';
import { formatObjects, type OutputForm } from '../output.ts';

export async function listMembers(flags: {
  readonly kubeconfig?: string;
  readonly output: OutputForm;
}): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    const { items } = await clusterApi.list(members, {}, signal);
    process.stdout.write(formatObjects(items, memberColumns, flags.output));
  });
}
