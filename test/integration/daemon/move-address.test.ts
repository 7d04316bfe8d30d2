import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { members } from '../../../src/api/generated/resources.ts';
import { createClusterApi } from '../../../src/runtime/create-cluster-api.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';
import { DaemonCluster, eventually, findFreePort } from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();

describe('daemon: moving a member to another address', function () {
  this.timeout(90_000);
  let cluster: DaemonCluster;

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
    await waitForState('n1');
    const joined = await cluster.join('n2', await cluster.token('n1', 'n2'));
    assert.equal(joined.code, 0, joined.stderr);
    await cluster.start('n2');
    await waitForState('n2');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function waitForState(name: string): Promise<void> {
    await eventually(`${name} is online`, async () => {
      const member = await cluster.api('n1').get(members, { name }, signal);
      return member?.status?.state === 'Online' ? true : undefined;
    });
  }

  async function moveTo(name: string, address: string): Promise<void> {
    const through = name === 'n1' ? 'n2' : 'n1';
    await cluster.api(through).mergePatch(members, { name }, { spec: { address } }, {}, signal);
  }

  async function addressIn(file: string): Promise<string | undefined> {
    const peers = JSON.parse(await readFile(path.join(cluster.dataDir(file), 'peers.json'), 'utf8')) as {
      readonly name: string;
      readonly address: string;
    }[];
    return peers.find(({ name }) => name === 'n2')?.address;
  }

  async function isOpen(address: string): Promise<boolean> {
    const [host = '', port] = address.split(':');
    return new Promise((resolve) => {
      const socket = connect(Number(port), host, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }

  async function listAt(address: string): Promise<number> {
    const file = path.join(cluster.dataDir('n2'), 'admin.kubeconfig');
    const endpoint = { ...readKubeconfig(file), server: `https://${address}`, deadlineMs: 5_000 };
    const clusterApi = createClusterApi(endpoint);
    try {
      return (await clusterApi.list(members, {}, signal)).items.length;
    } finally {
      await clusterApi.close();
    }
  }

  function refusal(name: string, pattern: RegExp) {
    return eventually(`a condition like ${pattern.source}`, async () => {
      const member = await cluster.api('n1').get(members, { name }, signal);
      const found = member?.status?.conditions?.find(({ type }) => type === 'Listening');
      return found?.status === 'False' && pattern.test(found.message) ? found.message : undefined;
    });
  }

  it('serves at the new address, tells the others, and closes the old one', async () => {
    const before = (await cluster.config('n2')).address;
    const after = `127.0.0.12:${await findFreePort()}`;
    await moveTo('n2', after);
    await eventually('the old address is closed', async () => ((await isOpen(before)) ? undefined : true));
    // The certificate is good for it, and nothing was restarted.
    assert.equal(await listAt(after), 2);
    assert.equal((await cluster.config('n2')).address, after);
    assert.deepEqual(await Promise.all(['n1', 'n2'].map(addressIn)), [after, after]);
    await waitForState('n2');
  });

  it('is reached there after a restart, by those that were told', async () => {
    await cluster.stop('n2');
    await cluster.start('n2');
    await waitForState('n2');
    assert.equal(await listAt((await cluster.config('n2')).address), 2);
  });

  it('stays where it is when it cannot listen there, and says why', async () => {
    const { address } = await cluster.config('n2');
    await moveTo('n2', '192.0.2.99:8443');
    const message = await refusal('n2', /192\.0\.2\.99:8443: no interface of this host has this address/);
    assert.ok(message.endsWith(`it goes on at ${address}`), message);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.13', resolve));
    await moveTo('n2', `127.0.0.13:${(taken.address() as { port: number }).port}`);
    await refusal('n2', /another program listens there/);
    taken.close();
    assert.equal(await listAt(address), 2);
    await moveTo('n2', address);
    await eventually('it is content again', async () => {
      const member = await cluster.api('n1').get(members, { name: 'n2' }, signal);
      return member?.status?.conditions?.some(
        ({ type, status }) => type === 'Listening' && status === 'True',
      );
    });
  });

  it('refuses the address of another member', async () => {
    const own = (await cluster.config('n2')).address;
    await moveTo('n2', (await cluster.config('n1')).address);
    await refusal('n2', /is the address of member n1/);
    await moveTo('n2', own);
  });

  it('moves the member that leads as well', async () => {
    const before = (await cluster.config('n1')).address;
    const after = `127.0.0.14:${await findFreePort()}`;
    await moveTo('n1', after);
    await eventually('the old address is closed', async () => ((await isOpen(before)) ? undefined : true));
    assert.equal(await listAt(after), 2);
  });
});
