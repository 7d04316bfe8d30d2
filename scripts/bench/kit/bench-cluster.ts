import { tmpdir } from 'node:os';
import path from 'node:path';

import type { ApiEndpoint } from '../../../src/runtime/api-connection.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';
import { createLab, type Lab } from '../../lab/lab.ts';
import { findMember } from '../../lab/member-process.ts';
import type { LabMember } from '../../lab/spec.ts';
import { findFamily, sampleProcesses, type ProcessUsage } from './sample-processes.ts';

/** Real members in network namespaces, with data on the disk of the temporary directory. */
export interface BenchCluster extends AsyncDisposable {
  readonly lab: Lab;
  readonly members: readonly LabMember[];
  /** The administrator at this member's port. */
  endpoint(member: LabMember): ApiEndpoint;
  /** What musterd of this member uses now, together with its helper processes. */
  usage(member: LabMember): Promise<ProcessUsage>;
}

export interface BenchClusterOptions {
  /** Both as in `LabSpec`; no other lab on this machine may have them. */
  readonly name: string;
  readonly subnet: number;
  readonly members: number;
  readonly report: (line: string) => void;
}

export async function startBenchCluster(options: BenchClusterOptions): Promise<BenchCluster> {
  const { name, subnet, report } = options;
  const lab = createLab({ name, subnet, directory: path.join(tmpdir(), `muster-bench-${name}`) });
  // Left by a run that was killed.
  await lab.purge();
  try {
    await lab.up(options.members, { report });
  } catch (error) {
    await lab.purge();
    throw error;
  }
  const members = await lab.listMembers();
  return {
    lab,
    members,
    endpoint: (member) => endpointOf(lab, member),
    usage: usageOf,
    [Symbol.asyncDispose]: () => lab.purge(),
  };
}

/** The first member was initialized and has the administrator's key. */
function endpointOf(lab: Lab, { address, name }: LabMember): ApiEndpoint {
  const admin = readKubeconfig(path.join(lab.member(1).dataDirectory, 'admin.kubeconfig'));
  return { ...admin, server: `https://${address}`, serverName: name };
}

/** musterd with its helpers; instances that it started are not its children. */
async function usageOf(member: LabMember): Promise<ProcessUsage> {
  const identity = await findMember(member);
  if (identity === undefined) throw new Error(`${member.name} does not run`);
  return sampleProcesses(await findFamily(identity.pid));
}
