import assert from 'node:assert/strict';
import { configMaps } from '../../../src/api/builtin.ts';
import { members } from '../../../src/api/generated/resources.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();

describe('daemon: two members', function () {
  this.timeout(60_000);
  let cluster: DaemonCluster;

  before(async () => {
    cluster = await DaemonCluster.create();
    assert.equal((await cluster.init('n1')).code, 0);
    await cluster.start('n1');
    const token = await eventually('a token', () => cluster.token('n1', 'n2'), 30_000);
    assert.equal((await cluster.join('n2', token)).code, 0);
    await cluster.start('n2');
    await waitForRoles('n1', { n1: 'voter', n2: 'stand-by' });
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function waitForRoles(asked: string, want: Readonly<Record<string, string>>): Promise<void> {
    const clusterApi = cluster.api(asked);
    await eventually(
      `roles ${JSON.stringify(want)}`,
      async () => {
        const { items } = await clusterApi.list(members, {}, signal);
        const seen = items.map(({ metadata, status }) => [metadata.name, status?.databaseRole]);
        assert.deepEqual(Object.fromEntries(seen), want);
        return true;
      },
      30_000,
    );
  }

  it('goes on with either of them when the other is stopped', async () => {
    for (const [stopped, left] of [
      ['n1', 'n2'],
      ['n2', 'n1'],
    ] as const) {
      await cluster.leave(stopped);
      const name = `while-${stopped}-is-off`;
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
      const options = { fieldManager: 'test', isForced: true };
      const clusterApi = cluster.api(left);
      await eventually(`${left} takes a write`, () => clusterApi.apply(configMaps, object, options, signal));
      await waitForRoles(left, { [stopped]: 'stand-by', [left]: 'voter' });
      await cluster.start(stopped);
      const place = { name, namespace: 'default' };
      const returned = cluster.api(stopped);
      await eventually(`${stopped} has it`, () => returned.get(configMaps, place, signal));
    }
    await waitForRoles('n2', { n1: 'voter', n2: 'stand-by' });
  });
});
