import { describeError } from '../../base/describe-error.ts';
import { withCluster } from '../cluster-connection.ts';
import { bad, formatFindings, type Finding } from '../doctor/finding.ts';
import { judgeCluster } from '../doctor/judge-cluster.ts';
import { judgeHost } from '../doctor/judge-host.ts';
import { readCluster } from '../doctor/read-cluster.ts';
import { readHost } from '../doctor/read-host.ts';
import type { GlobalFlags } from '../program/flags.ts';

const patienceMs = 20_000;

/** Says what is wrong with this host and the cluster, and what to do. Answers the exit code: 1 when something is bad. */
export async function examine(flags: GlobalFlags & { readonly dataDir: string }): Promise<number> {
  const findings = [...judgeHost(await readHost(flags.dataDir)), ...(await examineCluster(flags))];
  process.stdout.write(formatFindings(findings));
  return findings.some(({ state }) => state === 'bad') ? 1 : 0;
}

async function examineCluster({ kubeconfig }: GlobalFlags): Promise<readonly Finding[]> {
  if (kubeconfig === undefined || kubeconfig === '') {
    const message = 'not looked at: pass --kubeconfig FILE or set KUBECONFIG';
    return [{ subject: 'cluster', state: 'unknown', message }];
  }
  try {
    const reading = await withCluster(kubeconfig, readCluster, patienceMs);
    return judgeCluster(reading);
  } catch (error) {
    const help = 'look at the member of the kubeconfig, or name another one';
    return [bad('cluster', `does not answer: ${describeError(error)}`, help)];
  }
}
