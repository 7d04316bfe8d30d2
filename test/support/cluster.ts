import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { provideImage } from '../../scripts/demo/demo-lab.ts';
import { formatKubeconfig } from '../../scripts/demo/kubeconfig.ts';
import { createLab, type Lab } from '../../scripts/lab/lab.ts';
import { findMember, onHostOf, type MemberRuntime } from '../../scripts/lab/member-process.ts';
import { type ProcessIdentity, sendSignal, waitUntilGone } from '../../scripts/lab/processes.ts';
import { tryCommand, type CommandResult } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import { claimDirectory, type ClaimedDirectory } from './claim-directory.ts';
import { eventually } from './eventually.ts';
import { assertNothingLeft } from './host-state.ts';
import { createLogReader } from './log-reader.ts';

export const kubectlPath = path.join(import.meta.dirname, '..', '..', 'build', 'bin', 'kubectl');

/** For `describe`: a test here may wait for an offline member, a hook for a whole cluster. */
export const clusterTimeoutMs = 180_000;

export interface KubectlOptions {
  /** Number of the member that is asked; the first one unless said. */
  readonly member?: number;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Several real members, each in a network namespace of its own, and the real kubectl to talk to them. */
export interface TestCluster {
  readonly lab: Lab;
  readonly directory: string;
  /** For other programs than the one that `kubectl` runs. */
  readonly kubectlEnv: NodeJS.ProcessEnv;
  /** Runs kubectl; a failure is an error with what it printed. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Runs kubectl; the caller looks at the exit code. */
  tryKubectl(args: readonly string[], options?: KubectlOptions): Promise<CommandResult>;
  /** `kubectl get … -o json`, parsed. */
  getJson<T>(args: readonly string[], options?: KubectlOptions): Promise<T>;
  apply(document: object, options?: KubectlOptions): Promise<string>;
  pidOf(member: LabMember): Promise<ProcessIdentity>;
  /** kill -9 of one musterd; answers when it is gone. */
  kill(member: LabMember): Promise<void>;
  /** Runs a command on the member's host, as far as the network is concerned. */
  onHost(member: LabMember, command: readonly string[]): Promise<CommandResult>;
  /** Ends and removes everything, and fails when something is left. */
  remove(): Promise<void>;
  printLogs(): Promise<void>;
}

export interface TestClusterOptions {
  /** At most 7 characters, different for each file of tests, as is the subnet. */
  readonly name: string;
  readonly subnet: number;
  readonly members: number;
  /** Extra arguments of `musterd run`; the directory is the cluster's own, and removed with it. */
  readonly runArguments?: (member: LabMember, directory: string) => readonly string[];
  /** Asked at each start of a member: what it runs with besides. */
  readonly runtime?: (member: LabMember) => MemberRuntime | undefined;
  /** What every test of the file needs. */
  readonly prepare?: (cluster: TestCluster) => Promise<void>;
}

/**
 * Registers mocha's hooks for a cluster that the tests of one `describe` share. When a test or a hook fails, the
 * ends of the members' logs are printed; the cluster is removed in any case.
 */
export function useTestCluster({ prepare, ...options }: TestClusterOptions): () => TestCluster {
  const started: { cluster?: TestCluster } = {};
  const get = (): TestCluster => {
    assert(started.cluster !== undefined, 'the cluster has not started');
    return started.cluster;
  };
  before(async () => {
    started.cluster = await startTestCluster(options);
    try {
      await prepare?.(started.cluster);
    } catch (error) {
      await started.cluster.printLogs();
      throw error;
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await get().printLogs();
  });
  after(async () => {
    await started.cluster?.remove();
  });
  return get;
}

async function startTestCluster(options: Omit<TestClusterOptions, 'prepare'>): Promise<TestCluster> {
  const claim = await claimDirectory(options.name);
  const { runArguments, runtime } = options;
  const lab = createLab({
    name: options.name,
    subnet: options.subnet,
    directory: path.join(claim.directory, 'members'),
    ...(runArguments === undefined
      ? {}
      : { runArguments: (member: LabMember) => runArguments(member, claim.directory) }),
    ...(runtime === undefined ? {} : { runtime }),
  });
  const cluster = buildTestCluster(lab, claim);
  try {
    // An earlier run may have been killed before it could remove its own.
    await lab.purge();
    await rm(claim.directory, { recursive: true, force: true });
    await mkdir(claim.directory, { recursive: true, mode: 0o711 });
    await lab.up(options.members, { prepare: (member) => provideImage(member.dataDirectory) });
    await writeContexts(cluster);
    await waitForMembers(cluster, options.members);
  } catch (error) {
    await cluster.printLogs();
    await cluster.remove();
    throw error;
  }
  return cluster;
}

/** The kubeconfig with a context for each member; to be written again when members were added. */
export async function writeContexts(cluster: TestCluster): Promise<void> {
  const members = await cluster.lab.listMembers();
  await writeFile(kubeconfigOf(cluster.directory), formatKubeconfig(members), { mode: 0o600 });
}

function kubeconfigOf(directory: string): string {
  return path.join(directory, 'kubeconfig');
}

function buildTestCluster(lab: Lab, claim: ClaimedDirectory): TestCluster {
  const { directory } = claim;
  const logs = createLogReader();
  // kubectl caches discovery below its home; every cluster has its own.
  const kubectlEnv = { ...process.env, HOME: directory, KUBECONFIG: kubeconfigOf(directory) };

  const cluster: TestCluster = {
    lab,
    directory,
    kubectlEnv,
    tryKubectl(args, { member = 1, input, timeoutMs = 60_000 } = {}) {
      const context = ['--context', lab.member(member).name];
      const given = input === undefined ? {} : { input };
      return tryCommand(kubectlPath, [...context, ...args], { env: kubectlEnv, timeoutMs, ...given });
    },
    async kubectl(args, kubectlOptions) {
      const { code, stderr, stdout } = await cluster.tryKubectl(args, kubectlOptions);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} (exit code ${code}): ${stderr}${stdout}`);
      return stdout;
    },
    async getJson<T>(args: readonly string[], kubectlOptions?: KubectlOptions) {
      return JSON.parse(await cluster.kubectl(['get', ...args, '-o', 'json'], kubectlOptions)) as T;
    },
    apply: (document, kubectlOptions) =>
      cluster.kubectl(['apply', '-f', '-'], { ...kubectlOptions, input: JSON.stringify(document) }),
    async pidOf(member) {
      const identity = await findMember(member);
      assert(identity !== undefined, `${member.name} does not run`);
      return identity;
    },
    async kill(member) {
      const identity = await cluster.pidOf(member);
      await sendSignal(identity, 'SIGKILL');
      assert(await waitUntilGone(identity, 5_000), `${member.name} is still there after SIGKILL`);
    },
    onHost(member, command) {
      const [program, ...args] = onHostOf(member, command);
      return tryCommand(program, args, { timeoutMs: 20_000 });
    },
    async remove() {
      const members = await lab.listMembers();
      await lab.purge();
      await assertNothingLeft(lab.spec, members);
      await rm(directory, { recursive: true, force: true });
      await claim.release();
    },
    async printLogs() {
      for (const member of await lab.listMembers()) {
        console.log(`--- ${member.name}\n${await logs.read(member.logFile)}`);
      }
    },
  };
  return cluster;
}

interface PartStatus {
  readonly status?: { readonly members?: readonly { readonly state: string }[] };
}

/** Waits until every member can hold instances: the default pool and network are made there. */
export async function waitForMembers(cluster: TestCluster, count: number): Promise<void> {
  await eventually(`pool and network on ${count} members`, 60_000, async () => {
    const parts = await cluster.getJson<{ items: PartStatus[] }>(['storagepools,networks']);
    const created = parts.items.map(
      ({ status }) => status?.members?.filter(({ state }) => state === 'Created').length ?? 0,
    );
    assert.deepEqual(created, [count, count]);
  });
}
