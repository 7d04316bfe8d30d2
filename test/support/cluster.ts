import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { provideImage } from '../../scripts/demo/demo-lab.ts';
import { formatKubeconfig } from '../../scripts/demo/kubeconfig.ts';
import { listNamespaces } from '../../scripts/lab/host-network.ts';
import { createLab, type Lab } from '../../scripts/lab/lab.ts';
import { findMember, onHostOf, readLogTail } from '../../scripts/lab/member-process.ts';
import {
  findProcessesOf,
  type ProcessIdentity,
  sendSignal,
  waitUntilGone,
} from '../../scripts/lab/processes.ts';
import { tryCommand, type CommandResult } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';

const kubectlPath = path.join(import.meta.dirname, '..', '..', 'build', 'bin', 'kubectl');

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
  /** At most 7 characters, different for each file of tests. */
  readonly name: string;
  readonly subnet: number;
  readonly members: number;
  readonly runArguments?: (member: LabMember) => readonly string[];
}

export async function startTestCluster(options: TestClusterOptions): Promise<TestCluster> {
  const directory = await mkdtemp(path.join(tmpdir(), `muster-${options.name}-`));
  // Containers run as another user, who has to pass through on the way to their root disk.
  await chmod(directory, 0o711);
  const lab = createLab({
    name: options.name,
    subnet: options.subnet,
    directory: path.join(directory, 'members'),
    ...(options.runArguments === undefined ? {} : { runArguments: options.runArguments }),
  });
  const cluster = buildTestCluster(lab, directory);
  try {
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

function buildTestCluster(lab: Lab, directory: string): TestCluster {
  // kubectl caches discovery below its home; every cluster has its own.
  const env = { ...process.env, HOME: directory, KUBECONFIG: kubeconfigOf(directory) };

  const cluster: TestCluster = {
    lab,
    directory,
    tryKubectl(args, { member = 1, input, timeoutMs = 60_000 } = {}) {
      const context = ['--context', lab.member(member).name];
      const given = input === undefined ? {} : { input };
      return tryCommand(kubectlPath, [...context, ...args], { env, timeoutMs, ...given });
    },
    async kubectl(args, kubectlOptions) {
      const result = await cluster.tryKubectl(args, kubectlOptions);
      assert.equal(result.code, 0, `kubectl ${args.join(' ')}: ${result.stderr}${result.stdout}`);
      return result.stdout;
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
      await lab.purge();
      await assertNothingLeft(lab, directory);
      await rm(directory, { recursive: true, force: true });
    },
    async printLogs() {
      for (const member of await lab.listMembers()) {
        console.log(`--- ${member.name}\n${await readLogTail(member, 30)}`);
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

/** Tries until it succeeds; the last failure is what the test reports. */
export async function eventually<T>(what: string, timeoutMs: number, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`no ${what} within ${timeoutMs} ms`, { cause: error });
      await delay(150);
    }
  }
}

async function assertNothingLeft(lab: Lab, directory: string): Promise<void> {
  const processes = await findProcessesOf(directory);
  const commands = await Promise.all(
    processes.map(({ pid }) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  assert.deepEqual(
    {
      processes: commands.filter((command) => command !== ''),
      namespaces: (await listNamespaces()).filter((name) => name.startsWith(`muster-${lab.spec.name}-`)),
      mounts: mounts.filter((line) => line.includes(directory)),
    },
    { processes: [], namespaces: [], mounts: [] },
  );
}
