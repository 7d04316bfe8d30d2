import { findFault } from '../faults/catalog.ts';
import type { FaultCluster } from '../cluster/fault-cluster.ts';
import { createRandom } from '../random.ts';
import { runFaults } from '../run/run-faults.ts';
import type { Violation } from '../watch/stream.ts';
import type { Mutation } from './mutation.ts';

export interface Broken {
  /** What members load from their next start on. */
  mutation: Mutation | undefined;
}

const workMs = 3_000;
const healthLimitMs = 60_000;

/** Runs the cluster with one mutation and answers what the checks found. The members stay broken until they start anew. */
export async function findMutation(
  cluster: FaultCluster,
  broken: Broken,
  mutation: Mutation,
  options: { readonly seed: number; readonly report: (line: string) => void },
): Promise<readonly Violation[]> {
  broken.mutation = mutation;
  await restart(cluster);
  const prefix = `${mutation.name.replaceAll(/\W/g, '')}.`.toLowerCase();
  // Without a fault there is only work; it counts as a calm before the first one that never comes.
  const { violations } = await runFaults({
    ...{ cluster, prefix, durationMs: 0, clientsPerMember: 3, report: options.report },
    random: createRandom(options.seed),
    faults: mutation.faults.map(findFault),
    calmMs: mutation.faults.length === 0 ? [workMs, workMs] : [500, 800],
  });
  return violations;
}

/** All members at once, so that no unbroken one hides what the others do. */
async function restart(cluster: FaultCluster): Promise<void> {
  await Promise.all(cluster.members.map((member) => cluster.kill(member)));
  await Promise.all(cluster.members.map((member) => cluster.start(member)));
  await cluster.waitUntilHealthy(healthLimitMs);
}
