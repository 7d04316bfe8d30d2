import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import type { LabMember } from '../../scripts/lab/spec.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster.ts';
import {
  applyImage,
  assertAnswers,
  buildInstance,
  listInstances,
  waitUntilReady,
} from '../support/instances.ts';

describe('cluster: first light', () => {
  let cluster: TestCluster;
  let isUp = false;

  before(async () => {
    cluster = await startTestCluster({ name: 'first', subnet: 11, members: 3 });
    isUp = true;
    await applyImage(cluster);
  });

  after(async () => {
    if (isUp) await cluster.remove();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await cluster.printLogs();
  });

  for (const member of [1, 2, 3]) {
    it(`shows members and images through member ${member}`, async () => {
      const table = await cluster.kubectl(['get', 'members,images', '-o', 'wide'], { member });
      for (const word of ['member.muster.dev/n1', 'n2', 'n3', 'database-leader', 'Online', 'busybox']) {
        assert(table.includes(word), `${word} is missing in:\n${table}`);
      }
    });
  }

  it('makes all three voters, one of them the leader', async () => {
    await eventually('three voters', 20_000, async () => {
      const { items } = await cluster.getJson<{ items: { status: { roles: string[] } }[] }>(['members']);
      const roles = items.flatMap(({ status }) => status.roles).toSorted();
      assert.deepEqual(roles, ['database-leader', 'database-voter', 'database-voter']);
    });
  });

  it('explains every part of an instance', async () => {
    const text = await cluster.kubectl(['explain', 'instance.spec', '--recursive']);
    for (const field of ['image', 'profiles', 'devices', 'placement', 'resources'])
      assert(text.includes(field));
  });

  it('applies, shows no difference, and changes nothing the second time', async () => {
    const instance = buildInstance('once');
    assert.match(await cluster.apply(instance), /created/);
    await waitUntilReady(cluster, 'once');
    assert.match(await cluster.apply(instance), /unchanged/);
    const input = JSON.stringify(instance);
    assert.equal((await cluster.tryKubectl(['diff', '-f', '-'], { input })).code, 0);
    const other = JSON.stringify(buildInstance('once', { description: 'another' }));
    assert.equal((await cluster.tryKubectl(['diff', '-f', '-'], { input: other })).code, 1);
    const description = await cluster.kubectl(['describe', 'instance', 'once'], { member: 2 });
    assert.match(description, /muster-agent\s+started on this member/);
  });

  it('stops an instance by patch, labels it, and starts it again, while a watch sees it', async () => {
    const watched = watchStates(cluster, 'once');
    await cluster.kubectl(['label', 'instance', 'once', 'tier=web']);
    await cluster.kubectl(['patch', 'instance', 'once', '--type=merge', '-p', '{"spec":{"running":false}}']);
    await cluster.kubectl([
      'wait',
      '--for=jsonpath={.status.state}=Stopped',
      'instance/once',
      '--timeout=40s',
    ]);
    await cluster.kubectl(['patch', 'instance', 'once', '--type=json', '-p', startPatch], { member: 3 });
    await cluster.kubectl([
      'wait',
      '--for=jsonpath={.status.state}=Running',
      'instance/once',
      '--timeout=40s',
    ]);
    const states = await watched.stop();
    assert(states.includes('Stopped') && states.at(-1) === 'Running', `seen: ${states.join(', ')}`);
    assert.equal((await listInstances(cluster)).length, 1);
    assert.equal(
      (await cluster.kubectl(['get', 'instances', '-l', 'tier=web', '-o', 'name'])).trim(),
      onceName,
    );
    await cluster.kubectl(['delete', 'instance', 'once']);
  });

  it('spreads ten instances over three members, each with an address that answers', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `ten-${index}`);
    await cluster.apply({ apiVersion: 'v1', kind: 'List', items: names.map((name) => buildInstance(name)) });
    await Promise.all(names.map((name, index) => waitUntilReady(cluster, name, (index % 3) + 1)));
    const instances = await listInstances(cluster);
    assert.deepEqual(countByMember(instances), [3, 3, 4]);
    await assertAnswers(cluster, instances);
  });

  it('leaves no process, interface, mount or file when they are deleted', async () => {
    await cluster.kubectl(['delete', 'instances', '--all', '--timeout=90s'], { timeoutMs: 100_000 });
    for (const member of await cluster.lab.listMembers()) {
      assert.deepEqual(await readLeftovers(cluster, member), {
        links: [],
        instances: [],
        volumes: [],
        processes: '',
      });
    }
  });
});

const startPatch = '[{"op":"replace","path":"/spec/running","value":true}]';
const onceName = 'instance.muster.dev/once';

function countByMember(instances: readonly Instance[]): number[] {
  const groups = Map.groupBy(instances, ({ status }) => status?.member);
  return [...groups.values()].map((group) => group.length).toSorted((a, b) => a - b);
}

/** What a member still has of instances: veth links, container folders, root disks, container monitors. */
async function readLeftovers(cluster: TestCluster, member: LabMember) {
  const links = await cluster.onHost(member, ['ip', '-j', 'link', 'show', 'type', 'veth']);
  const folders = async (...parts: string[]) => {
    const entries = await readdir(path.join(member.dataDirectory, ...parts), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  };
  const pool = await folders('pools', 'local').catch(() => []);
  const volumes = (await Promise.all(pool.map((kind) => folders('pools', 'local', kind)))).flat();
  const monitors = await cluster.onHost(member, ['pgrep', '-f', `lxc monitor. ${member.dataDirectory}/`]);
  return {
    links: (JSON.parse(links.stdout || '[]') as { ifname: string }[])
      .map(({ ifname }) => ifname)
      .filter((name) => name !== 'eth0'),
    instances: await folders('instances'),
    volumes,
    processes: monitors.stdout,
  };
}

/** Follows one instance with `kubectl get -w` and collects the states that it goes through. */
function watchStates(cluster: TestCluster, name: string) {
  const child = spawn(
    path.join(import.meta.dirname, '..', '..', 'build', 'bin', 'kubectl'),
    ['get', 'instance', name, '-w', '-o', 'jsonpath={.status.state}{"\\n"}'],
    {
      env: {
        ...process.env,
        HOME: cluster.directory,
        KUBECONFIG: path.join(cluster.directory, 'kubeconfig'),
      },
    },
  );
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  return {
    async stop(): Promise<string[]> {
      await eventually('running state in the watch', 10_000, () => {
        assert.equal(seen.trim().split('\n').at(-1), 'Running');
        return Promise.resolve();
      });
      child.kill();
      return seen.trim().split('\n');
    },
  };
}
