import { members } from '../../api/generated/resources.ts';
import type { Member } from '../../api/generated/member.ts';
import { describeError } from '../../base/describe-error.ts';
import { createClusterApi } from '../../runtime/create-cluster-api.ts';
import { readAdminEndpoint } from '../admin-endpoint.ts';
import { requireConfig, type MemberConfig } from '../config.ts';
import { describeDataDir, type DataDir } from '../data-dir.ts';
import { isDataDirLocked } from '../lock.ts';

export interface StatusFlags {
  readonly dataDir: string;
  readonly output: 'json' | 'text';
}

interface Status extends MemberConfig {
  readonly isRunning: boolean;
  readonly members?: readonly { readonly name: string; readonly state: string; readonly roles: string[] }[];
  readonly problem?: string;
}

/** The exit code says whether the member runs and its API answers. */
export async function printStatus({ dataDir: directory, output }: StatusFlags): Promise<number> {
  const dataDir = describeDataDir(directory);
  const config = await requireConfig(dataDir);
  const isRunning = await isDataDirLocked(dataDir);
  const status: Status = { ...config, isRunning, ...(isRunning ? await askApi(dataDir) : {}) };
  process.stdout.write(
    output === 'json' ? `${JSON.stringify(status, undefined, 2)}\n` : formatStatus(status),
  );
  return isRunning && status.problem === undefined ? 0 : 1;
}

async function askApi(dataDir: DataDir): Promise<Pick<Status, 'members' | 'problem'>> {
  const clusterApi = createClusterApi({ ...(await readAdminEndpoint(dataDir)), deadlineMs: 5_000 });
  try {
    const { items } = await clusterApi.list(members, {}, AbortSignal.timeout(10_000));
    return { members: items.map(summarize) };
  } catch (error) {
    return { problem: describeError(error) };
  } finally {
    await clusterApi.close();
  }
}

function summarize({ metadata, status }: Member) {
  return { name: metadata.name, state: status?.state ?? 'Unknown', roles: status?.roles ?? [] };
}

function formatStatus({ name, address, clusterId, isRunning, members: all, problem }: Status): string {
  const lines = [
    `member ${name} at ${address}, cluster ${clusterId}: ${isRunning ? 'running' : 'not running'}`,
    ...(problem === undefined ? [] : [`its API does not serve: ${problem}`]),
    ...(all ?? []).map((member) => `  ${member.name}  ${member.state}  ${member.roles.join(', ')}`.trimEnd()),
  ];
  return `${lines.join('\n')}\n`;
}
