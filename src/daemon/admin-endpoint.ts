import { describeError } from '../base/describe-error.ts';
import type { ApiEndpoint } from '../runtime/api-connection.ts';
import type { DataDir } from './data-dir.ts';
import { OperatorError } from './operator-error.ts';

/** How commands on the member's own host reach its API: as the administrator, with the file in the data directory. */
export async function readAdminEndpoint({ adminKubeconfig, root }: DataDir): Promise<ApiEndpoint> {
  // Late, because the Kubernetes client costs half a second.
  const { readKubeconfig } = await import('../runtime/kubeconfig.ts');
  try {
    return readKubeconfig(adminKubeconfig);
  } catch (error) {
    throw new OperatorError(
      `cannot read ${adminKubeconfig}; is ${root} the data directory of a member, and may you read it? ` +
        `(${describeError(error)})`,
    );
  }
}
