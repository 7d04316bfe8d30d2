import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import type { Image } from '../../src/api/generated/image.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { eventually, type TestCluster } from './cluster.ts';

const image: Pick<Image, 'apiVersion' | 'kind' | 'metadata' | 'spec'> = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Image',
  metadata: { name: 'busybox', namespace: 'default' },
  spec: { source: { file: 'busybox.tar.xz', member: 'n1' } },
};

export function buildInstance(name: string, spec: Partial<Instance['spec']> = {}): object {
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Instance',
    metadata: { name, namespace: 'default' },
    spec: { image: 'busybox', ...spec },
  };
}

/** Brings the busybox image in and waits until it can be used. */
export async function applyImage(cluster: TestCluster): Promise<void> {
  await cluster.apply(image);
  await cluster.kubectl(['wait', '--for=condition=Ready', 'image/busybox', '--timeout=60s']);
}

export async function listInstances(cluster: TestCluster, member = 1): Promise<Instance[]> {
  return (await cluster.getJson<{ items: Instance[] }>(['instances'], { member })).items;
}

export async function waitUntilReady(cluster: TestCluster, name: string, member = 1): Promise<void> {
  await cluster.kubectl(['wait', '--for=condition=Ready', `instance/${name}`, '--timeout=60s'], { member });
}

/** The init process of each instance's container, with its start time: it changes with a restart only. */
export async function readInits(instances: readonly Instance[]): Promise<Record<string, string>> {
  const entries = await Promise.all(
    instances.map(async ({ metadata, status }) => {
      const stat = await readFile(`/proc/${status?.pid ?? 0}/stat`, 'utf8').catch(() => 'gone');
      const started = stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? 'gone';
      return [metadata.name, `${status?.pid ?? 0}@${started}`] as const;
    }),
  );
  return Object.fromEntries(entries);
}

export function addressOf({ status }: Instance): string {
  const found = status?.addresses?.find(({ family }) => family === 'inet');
  assert(found !== undefined, 'no IPv4 address');
  return found.address;
}

/** Each instance answers a ping from the host that it runs on. */
export async function assertAnswers(cluster: TestCluster, instances: readonly Instance[]): Promise<void> {
  const members = await cluster.lab.listMembers();
  for (const instance of instances) {
    const member = members.find(({ name }) => name === instance.status?.member);
    assert(member !== undefined, `${instance.metadata.name} is on no member`);
    await eventually(`ping from ${instance.metadata.name}`, 10_000, async () => {
      const { code, stdout } = await cluster.onHost(member, ['ping', '-c1', '-W1', addressOf(instance)]);
      assert.equal(code, 0, stdout);
    });
  }
}
