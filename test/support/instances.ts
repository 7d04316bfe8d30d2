import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { onHostOf } from '../../scripts/lab/member-process.ts';
import { identifyProcess } from '../../scripts/lab/processes.ts';
import { tryCommand } from '../../scripts/lab/run-command.ts';
import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Image } from '../../src/api/generated/image.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { type KubectlOptions, type TestCluster } from './cluster.ts';
import { eventually } from './eventually.ts';

export function buildImage(name: string, spec: Partial<Image['spec']> = {}): object {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Image',
    metadata: { name, namespace: 'default' },
    spec: { source: { file: 'busybox.tar.xz', member: 'n1' }, ...spec },
  };
}

export function buildInstance(name: string, spec: Partial<Instance['spec']> = {}): object {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Instance',
    metadata: { name, namespace: 'default' },
    spec: { image: 'busybox', ...spec },
  };
}

export function buildList(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** Brings the busybox image in and waits until it can be used. */
export async function applyImage(cluster: TestCluster): Promise<void> {
  await cluster.apply(buildImage('busybox'));
  await cluster.kubectl(['wait', '--for=condition=Ready', 'image/busybox', '--timeout=60s']);
}

/** Makes instances at once and waits until all of them are ready. */
export async function applyInstances(
  cluster: TestCluster,
  names: readonly string[],
  options: KubectlOptions = {},
): Promise<void> {
  await cluster.apply(buildList(names.map((name) => buildInstance(name))), options);
  await waitUntilReady(cluster, names, options);
}

export async function waitUntilReady(
  cluster: TestCluster,
  names: readonly string[],
  options: KubectlOptions = {},
): Promise<void> {
  const targets = names.map((name) => `instance/${name}`);
  const wait = ['wait', '--for=condition=Ready', ...targets, '--timeout=60s'];
  const { code, stderr } = await cluster.tryKubectl(wait, { ...options, timeoutMs: 70_000 });
  if (code === 0) return;
  const seen = (await listInstances(cluster, options.member)).map(describeInstance).join('\n');
  throw new Error(`not ready: ${stderr}${seen}`);
}

export async function waitForState(
  cluster: TestCluster,
  name: string,
  state: string,
  options: KubectlOptions = {},
): Promise<void> {
  const wait = ['wait', `--for=jsonpath={.status.state}=${state}`, `instance/${name}`, '--timeout=40s'];
  await cluster.kubectl(wait, options);
}

export async function listInstances(cluster: TestCluster, member = 1): Promise<Instance[]> {
  return (await cluster.getJson<{ items: Instance[] }>(['instances'], { member })).items;
}

/** One line for a failing test: where it is and which condition is not met. */
function describeInstance({ metadata, status }: Instance): string {
  const failing = status?.conditions?.filter((condition) => condition.status !== 'True') ?? [];
  const reasons = failing.map(({ type, reason, message }) => `${type}=${reason}: ${message}`);
  return [metadata.name, status?.state ?? 'Pending', `on ${status?.member ?? 'no member'}`, ...reasons].join(
    '; ',
  );
}

/**
 * The init process of each container that runs on a member's host, as the host sees it. Its start time is part of
 * the answer: the same answer again means that the container was not restarted in between.
 */
export async function readContainers(member: LabMember): Promise<Record<string, string>> {
  const lxcPath = path.join(member.dataDirectory, 'instances');
  const entries = await readdir(lxcPath, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => [name, await readInit(member, lxcPath, name)] as const),
  );
  return Object.fromEntries(found.filter(([, init]) => init !== '').toSorted());
}

async function readInit(member: LabMember, lxcPath: string, name: string): Promise<string> {
  const command = ['lxc-info', '-P', lxcPath, '-n', name, '--pid', '--no-humanize'];
  const [program, ...args] = onHostOf(member, command);
  const { stdout } = await tryCommand(program, args, { timeoutMs: 10_000 });
  const init = stdout.trim() === '' ? undefined : await identifyProcess(Number(stdout));
  return init === undefined ? '' : `${init.pid}@${init.startTicks}`;
}

export function addressOf({ metadata, status }: Instance): string {
  const found = status?.addresses?.find(({ family }) => family === 'inet');
  assert(found !== undefined, `${metadata.name} has no IPv4 address`);
  return found.address;
}

/** Each instance answers a ping from the host that it runs on. */
export async function assertAnswers(cluster: TestCluster, instances: readonly Instance[]): Promise<void> {
  const members = await cluster.lab.listMembers();
  await Promise.all(
    instances.map(async (instance) => {
      const member = members.find(({ name }) => name === instance.status?.member);
      assert(member !== undefined, `${instance.metadata.name} is on no member`);
      const address = addressOf(instance);
      await eventually(`ping from ${instance.metadata.name}`, 10_000, async () => {
        const { code, stdout } = await cluster.onHost(member, ['ping', '-c1', '-W1', address]);
        assert.equal(code, 0, stdout);
      });
    }),
  );
}
