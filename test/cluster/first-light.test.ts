import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';

import type { Instance } from '../../src/api/generated/instance.ts';
import { clusterTimeoutMs, kubectlPath, type TestCluster, useTestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { assertHostsAre, type HostState, readHostState } from '../support/host-state.ts';
import {
  applyImage,
  applyInstances,
  assertAnswers,
  buildInstance,
  listInstances,
  waitForState,
  waitUntilReady,
} from '../support/instances.ts';
import { waitForRoles } from '../support/member-roles.ts';

const ten = Array.from({ length: 10 }, (_, index) => `ten-${index}`);

describe('cluster: first light', function () {
  this.timeout(clusterTimeoutMs);
  const open = useTestCluster({ name: 'first', subnet: 11, members: 3, prepare: applyImage });
  const hostsBefore: HostState[] = [];

  it('makes all three voters, one of them the leader', async () => {
    await waitForRoles(open(), { 'database-leader': 1, 'database-voter': 2 });
  });

  it('applies, and changes nothing the second time', async () => {
    const instance = buildInstance('once');
    assert.match(await open().apply(instance), /^instance.muster.dev\/once created/);
    await waitUntilReady(open(), ['once']);
    assert.match(await open().apply(instance), /^instance.muster.dev\/once unchanged/);
  });

  it('shows a difference by text and exit code', async () => {
    const diff = (instance: object) =>
      open().tryKubectl(['diff', '-f', '-'], { input: JSON.stringify(instance) });
    assert.deepEqual(await diff(buildInstance('once')), { code: 0, stdout: '', stderr: '' });
    const { code, stdout } = await diff(buildInstance('once', { description: 'another' }));
    assert.equal(code, 1);
    assert.match(stdout, /^\+ {2}description: another$/m);
  });

  for (const member of [1, 2, 3]) {
    it(`shows members, instances and images through member ${member}`, async () => {
      const table = await open().kubectl(['get', 'members,instances,images', '-o', 'wide'], { member });
      const rows = [
        /^member.muster.dev\/n1 +Online .*database-/m,
        /^member.muster.dev\/n2 +Online .*database-/m,
        /^member.muster.dev\/n3 +Online .*database-/m,
        /^instance.muster.dev\/once +container +Running +n\d +10\.\d+\.\d+\.\d+ +True/m,
        /^image.muster.dev\/busybox +container .* n1 n2 n3 +sha256:/m,
      ];
      for (const row of rows) assert.match(table, row);
    });
  }

  it('describes an instance and what happened to it, and a member', async () => {
    // Events are sent when there is nothing more urgent to do.
    await eventually('event of the start', 15_000, async () => {
      const instance = await open().kubectl(['describe', 'instance', 'once'], { member: 2 });
      assert.match(instance, /Type:\s+Ready/);
      assert.match(instance, /muster-agent\s+started on this member/);
    });
    assert.match(await open().kubectl(['describe', 'member', 'n1'], { member: 3 }), /Type:\s+Online/);
  });

  it('explains every part of an instance', async () => {
    const text = await open().kubectl(['explain', 'instance.spec']);
    for (const field of ['image', 'profiles', 'devices', 'placement', 'resources', 'running']) {
      assert.match(text, new RegExp(`^ +${field}\\b`, 'm'));
    }
    assert.match(await open().kubectl(['explain', 'instance.spec.placement.member']), /DESCRIPTION:\n +\S+/);
  });

  it('stops an instance by patch and starts it again, while a watch sees it', async () => {
    const watched = watchStates(open(), 'once');
    await open().kubectl(['patch', 'instance', 'once', '--type=merge', '-p', '{"spec":{"running":false}}']);
    await waitForState(open(), 'once', 'Stopped');
    const start = '[{"op":"replace","path":"/spec/running","value":true}]';
    await open().kubectl(['patch', 'instance', 'once', '--type=json', '-p', start], { member: 3 });
    await waitForState(open(), 'once', 'Running');
    const states = await watched.stop();
    assert(states.includes('Stopped') && states.at(-1) === 'Running', `seen: ${states.join(', ')}`);
  });

  it('finds an instance by a label, and deletes it', async () => {
    await open().kubectl(['label', 'instance', 'once', 'tier=web']);
    const find = (label: string) =>
      open().kubectl(['get', 'instances', '-l', label, '-o', 'name'], { member: 2 });
    assert.equal(await find('tier=web'), 'instance.muster.dev/once\n');
    assert.equal(await find('tier=other'), '');
    await open().kubectl(['delete', 'instance', 'once', '--timeout=40s']);
    assert.deepEqual(await listInstances(open()), []);
  });

  it('spreads ten instances over three members, each with an address that answers', async () => {
    hostsBefore.push(...(await Promise.all((await open().lab.listMembers()).map(readHostState))));
    await applyInstances(open(), ten);
    const instances = await listInstances(open(), 2);
    assert.deepEqual(countByMember(instances), [3, 3, 4]);
    assert.deepEqual(
      instances.map(({ status }) => status?.state),
      ten.map(() => 'Running'),
    );
    await assertAnswers(open(), instances);
  });

  it('leaves no process, interface, mount or file when they are deleted', async () => {
    await open().kubectl(['delete', 'instances', '--all', '--timeout=90s'], { timeoutMs: 100_000 });
    await assertHostsAre(await open().lab.listMembers(), hostsBefore);
  });
});

function countByMember(instances: readonly Instance[]): number[] {
  const groups = Map.groupBy(instances, ({ status }) => status?.member);
  return [...groups.values()].map((group) => group.length).toSorted((a, b) => a - b);
}

/** Follows one instance with `kubectl get -w` and collects the states that it goes through. */
function watchStates(cluster: TestCluster, name: string) {
  const args = ['get', 'instance', name, '-w', '-o', 'jsonpath={.status.state}{"\\n"}'];
  const child = spawn(kubectlPath, args, { env: cluster.kubectlEnv });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  const states = (): string[] => seen.trim().split('\n');
  return {
    async stop(): Promise<string[]> {
      try {
        await eventually('Running in the watch', 10_000, () => {
          assert.equal(states().at(-1), 'Running');
          return Promise.resolve();
        });
        return states();
      } finally {
        child.kill();
      }
    },
  };
}
