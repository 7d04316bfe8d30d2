import { secrets } from '../../api/builtin.ts';
import { readSecret } from '../../base/read-secret.ts';
import { findPasswordProblem, trustPasswordPlace } from '../../runtime/trust-password.ts';
import { withCluster } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { storeTrustPassword } from '../store-trust-password.ts';
import { UsageError } from '../usage-error.ts';

/** Like LXD, says only whether there is one. */
export async function printTrustPassword(flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    console.log(String((await clusterApi.get(secrets, trustPasswordPlace, signal)) !== undefined));
  });
}

/** Takes it from standard input: arguments of programs can be read by everybody on the host. */
export async function setTrustPassword(flags: GlobalFlags): Promise<void> {
  const password = await readSecret('Trust password');
  const problem = findPasswordProblem(password);
  if (problem !== undefined) throw new UsageError(problem);
  if (process.stdin.isTTY && (await readSecret('Again')) !== password) {
    throw new UsageError('the two are not the same; nothing was changed');
  }
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    await storeTrustPassword(clusterApi, password, signal);
    console.error(
      'Hosts can join with this password now; "muster cluster unset core.trust_password" ends that.',
    );
  });
}

export async function unsetTrustPassword(flags: GlobalFlags): Promise<void> {
  await withCluster(flags.kubeconfig, async ({ clusterApi, signal }) => {
    await storeTrustPassword(clusterApi, '', signal);
    console.error('No host can join with a password any more.');
  });
}
