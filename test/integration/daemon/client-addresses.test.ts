import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { connect } from 'node:tls';
import { members } from '../../../src/api/generated/resources.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { peerProtocol } from '../../../src/consensus/link/protocols.ts';
import { chooseEndpoint } from '../../../src/runtime/choose-endpoint.ts';
import { createClusterApi } from '../../../src/runtime/create-cluster-api.ts';
import { readKubeconfig, readKubeconfigEndpoints } from '../../../src/runtime/kubeconfig.ts';
import { DaemonCluster, eventually, findFreePort, runMusterd } from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();

// Every address of 127.0.0.0/8 is this host's, so that each stands for a network of its own.
describe('daemon: addresses for clients', function () {
  this.timeout(90_000);
  let cluster: DaemonCluster;
  let clientAddress = '';
  let kubeconfig = '';

  before(async () => {
    cluster = await DaemonCluster.create();
    clientAddress = `127.0.0.5:${await findFreePort()}`;
    kubeconfig = path.join(cluster.dataDir('n1'), 'admin.kubeconfig');
    const address = `127.0.0.1:${await findFreePort()}`;
    const flags = ['--data-dir', cluster.dataDir('n1'), '--name', 'n1', '--address', address, '--no-run'];
    const { code, stderr } = await runMusterd(['init', ...flags, '--client-address', clientAddress]);
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function setAddresses(clientAddresses: readonly string[] | null): Promise<void> {
    const patch = { spec: { clientAddresses } };
    await cluster.api('n1').mergePatch(members, { name: 'n1' }, patch, {}, signal);
  }

  async function listAt(address: string): Promise<number> {
    const { serverName: _name, ...endpoint } = readKubeconfig(kubeconfig);
    const clusterApi = createClusterApi({ ...endpoint, server: `https://${address}`, deadlineMs: 3_000 });
    try {
      return (await clusterApi.list(members, {}, signal)).items.length;
    } finally {
      await clusterApi.close();
    }
  }

  function conditionOf(wanted: 'False' | 'True') {
    return eventually(`Listening is ${wanted}`, async () => {
      const member = await cluster.api('n1').get(members, { name: 'n1' }, signal);
      const found = member?.status?.conditions?.find(({ type }) => type === 'Listening');
      return found?.status === wanted ? found : undefined;
    });
  }

  it('serves clients at the address that init was given, with a certificate for it', async () => {
    const { message } = await conditionOf('True');
    assert.ok(message.includes(clientAddress), message);
    // The kubeconfig's authority vouches, and the name in the address is checked.
    assert.equal(await listAt(clientAddress), 1);
    const member = await cluster.api('n1').get(members, { name: 'n1' }, signal);
    assert.deepEqual(member?.spec.clientAddresses, [clientAddress]);
    assert.equal((await cluster.config('n1')).clientAddresses, undefined);
  });

  it('does not talk to members there', async () => {
    const [host, port] = clientAddress.split(':');
    const options = { host, port: Number(port), ALPNProtocols: [peerProtocol], rejectUnauthorized: false };
    const outcome = await new Promise<string>((resolve) => {
      const socket = connect(options, () => resolve(String(socket.alpnProtocol)));
      socket.once('error', () => resolve('refused'));
    });
    assert.equal(outcome, 'refused');
  });

  it('gives clients that address in the kubeconfig', async () => {
    await eventually('the kubeconfig is current', async () => {
      const text = await readFile(kubeconfig, 'utf8');
      return text.includes(`https://${clientAddress}`) && text.includes('name: muster-n1') ? text : undefined;
    });
  });

  it('opens and closes addresses while it runs', async () => {
    const other = `127.0.0.6:${await findFreePort()}`;
    await setAddresses([other]);
    await eventually('the new address serves', () => listAt(other));
    await eventually('the old one is closed', async () =>
      listAt(clientAddress).then(
        () => undefined,
        () => true,
      ),
    );
  });

  it('says why it cannot listen, goes on with the rest, and tries again', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.7', resolve));
    const port = (taken.address() as { port: number }).port;
    const good = `127.0.0.8:${await findFreePort()}`;
    await setAddresses([`127.0.0.7:${port}`, `192.0.2.77:${port}`, good]);
    const { reason, message } = await conditionOf('False');
    assert.equal(reason, 'CannotListen');
    assert.match(message, /192\.0\.2\.77:\d+: no interface of this host has this address/);
    assert.match(message, /127\.0\.0\.7:\d+: another program listens there/);
    assert.equal(await listAt(good), 1);
    await new Promise((resolve) => taken.close(resolve));
    await setAddresses([`127.0.0.7:${port}`]);
    await conditionOf('True');
    assert.equal(await listAt(`127.0.0.7:${port}`), 1);
  });

  it('lets a client find a member that answers when the first one of its kubeconfig does not', async () => {
    await setAddresses(null);
    const text = await eventually('the kubeconfig is current', async () => {
      const found = await readFile(kubeconfig, 'utf8');
      return found.includes('127.0.0.7') ? undefined : found;
    });
    const { address } = await cluster.config('n1');
    const copy = path.join(cluster.root, 'copy.kubeconfig');
    // The first one is gone, and the second one takes connections and never says a word.
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.9', resolve));
    const dead = `127.0.0.9:${(silent.address() as { port: number }).port}`;
    await writeFile(copy, text.replace(`https://${address}`, `https://${dead}`));
    const chosen = await chooseEndpoint(readKubeconfigEndpoints(copy), systemClock, signal);
    assert.equal(chosen.server, `https://${address}`);
    silent.close();
  });
});
