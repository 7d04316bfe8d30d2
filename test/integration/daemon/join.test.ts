import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { secrets } from '../../../src/api/builtin.ts';
import { clusters, members, storagePools } from '../../../src/api/generated/resources.ts';
import { decodeJoinToken, encodeJoinToken } from '../../../src/api/join-token.ts';
import { DaemonCluster, eventually, findFreePort, runMusterd } from '../../support/daemon-cluster.ts';

// mocha's limit for each test ends what hangs; a limit for the whole file would depend on the files before it.
const { signal } = new AbortController();

describe('daemon: init, token, join', function () {
  this.timeout(60_000);
  let cluster: DaemonCluster;

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
    await waitForMember('n1');
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  async function waitForMember(name: string): Promise<void> {
    const clusterApi = cluster.api('n1');
    await eventually(`${name} is online`, async () => {
      const member = await clusterApi.get(members, { name }, signal);
      return member?.status?.state === 'Online' ? member : undefined;
    });
  }

  it('keeps private keys to itself', async () => {
    for (const file of ['cluster.key', 'member.key', 'admin.kubeconfig', 'config.json', 'peers.json']) {
      const { mode } = await stat(path.join(cluster.dataDir('n1'), file));
      assert.equal(mode & 0o777, 0o600, file);
    }
  });

  it('refuses a second init, and says what to do', async () => {
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 1);
    assert.match(stderr, /^musterd: .*already holds the member n1 .*musterd run --data-dir/);
  });

  it('refuses to run where no member is', async () => {
    const { code, stderr } = await runMusterd(['run', '--data-dir', path.join(cluster.root, 'empty')]);
    assert.equal(code, 1);
    assert.match(stderr, /holds no member: create one with "musterd init"/);
  });

  it('refuses to listen where somebody else does', async () => {
    const { address } = await cluster.config('n1');
    const flags = ['--data-dir', cluster.dataDir('twin'), '--name', 'twin', '--address', address];
    const { code, stderr } = await runMusterd(['init', ...flags, '--log-level', 'silent']);
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`member twin cannot start: listening on ${address}.*another program listens`),
    );
  });

  it('tells wrong usage by another exit code', async () => {
    assert.equal((await runMusterd(['init', '--name', 'x'])).code, 2);
    assert.equal((await runMusterd(['init', '--name', 'x', '--address', 'here'])).code, 2);
  });

  it('keeps a token as a hash only', async () => {
    const { secret } = decodeJoinToken(await cluster.token('n1', 'n9'));
    const stored = await cluster.api('n1').list(secrets, { namespace: 'muster-system' }, signal);
    assert.equal(stored.items.length, 1);
    const values = Object.values(stored.items[0]?.data ?? {});
    assert.equal(JSON.stringify(values).includes(secret), false);
    assert.equal(
      values.some((value) => Buffer.from(value, 'base64').toString() === secret),
      false,
    );
  });

  it('lets a second and a third member join, the third through the second', async () => {
    const second = await cluster.join('n2', await cluster.token('n1', 'n2'));
    assert.equal(second.code, 0, second.stderr);
    await cluster.start('n2');
    await waitForMember('n2');

    const token = decodeJoinToken(await cluster.token('n2', 'n3'));
    const { address } = await cluster.config('n2');
    const third = await cluster.join('n3', encodeJoinToken({ ...token, addresses: [address] }));
    assert.equal(third.code, 0, third.stderr);
    assert.match(third.stderr, /does not lead; asking/);
    await cluster.start('n3');
    await waitForMember('n3');

    const seen = await cluster.api('n3').list(members, {}, signal);
    assert.deepEqual(seen.items.map(({ metadata }) => metadata.name).toSorted(), ['n1', 'n2', 'n3']);
    const peers: unknown = JSON.parse(await readFile(path.join(cluster.dataDir('n3'), 'peers.json'), 'utf8'));
    assert.equal((peers as unknown[]).length, 3);
  });

  it('gives no token for a member that exists', async () => {
    const { code, stderr } = await cluster.tryToken('n1', 'n2');
    assert.equal(code, 1);
    assert.match(stderr, /^musterd: the cluster already has a member named n2\n$/);
  });

  it('refuses a token that was replaced, and takes the newer one', async () => {
    const older = await cluster.token('n1', 'n4');
    const newer = await cluster.token('n1', 'n4');
    const refused = await cluster.join('n4', older);
    assert.match(refused.stderr, /the join token for n4 is not good/);
    assert.deepEqual([refused.code, await readdir(cluster.dataDir('n4'))], [1, ['member.key']]);
    assert.equal((await cluster.join('n4', newer)).code, 0);
    const used = await cluster.join('n4-again', newer);
    assert.match(used.stderr, /another host has used it/);
  });

  it('refuses a cluster that is not the one of the token', async () => {
    const token = decodeJoinToken(await cluster.token('n1', 'n5'));
    const { code, stderr } = await cluster.join(
      'n5',
      encodeJoinToken({ ...token, fingerprint: '0'.repeat(64) }),
    );
    assert.equal(code, 1);
    assert.match(stderr, /presents another certificate than the one that the token names/);
    // Nothing was sent, so the token is still good.
    assert.equal((await cluster.join('n5', encodeJoinToken(token))).code, 0);
  });

  it('says that nobody answers', async () => {
    const token = decodeJoinToken(await cluster.token('n1', 'n6'));
    const { code, stderr } = await cluster.join(
      'n6',
      encodeJoinToken({ ...token, addresses: ['127.0.0.1:1'] }),
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /cannot connect to any cluster member of the join token: 127.0.0.1:1: .*ECONNREFUSED/,
    );
  });

  it('refuses an address in use, and the token stays good', async () => {
    const token = await cluster.token('n1', 'n7');
    const { address } = await cluster.config('n1');
    const { code, stderr } = await cluster.join('n7', token, address);
    assert.equal(code, 1);
    assert.match(stderr, /already has a member with the address .*: n1/);
    assert.equal((await cluster.join('n7', token)).code, 0);
  });

  it('tells what a host may answer beforehand, and takes its answers', async () => {
    const clusterApi = cluster.api('n1');
    const { apiVersion, kind } = storagePools;
    const source = path.join(cluster.root, 'pool-n1');
    const spec = { driver: 'dir' as const, members: [{ name: 'n1', source }] };
    await clusterApi.create(storagePools, { apiVersion, kind, metadata: { name: 'own' }, spec }, signal);
    const token = await cluster.token('n1', 'n10');

    const asked = await cluster.join('n10', token, undefined, ['--questions']);
    assert.equal(asked.code, 0, asked.stderr);
    const description = '"source" property for storage pool "own"';
    const question = { entity: 'storage-pool', name: 'own', key: 'source', value: source, description };
    assert.deepEqual(JSON.parse(asked.stdout), { serverName: 'n10', memberConfig: [question] });

    const wrong = await cluster.join('n10', token, undefined, [
      '--member-config',
      'storage-pool/odd/source=/x',
    ]);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /the cluster has no storage pool "odd"; there are own/);
    const misspelt = await cluster.join('n10', token, undefined, ['--member-config', 'pool=x']);
    assert.equal(misspelt.code, 2);

    const right = `storage-pool/own/source=${path.join(cluster.root, 'pool-n10')}`;
    const joined = await cluster.join('n10', token, undefined, ['--member-config', right]);
    assert.equal(joined.code, 0, joined.stderr);
    const pool = await clusterApi.get(storagePools, { name: 'own' }, signal);
    assert.deepEqual(pool?.spec.members, [
      { name: 'n1', source },
      { name: 'n10', source: path.join(cluster.root, 'pool-n10') },
    ]);
    await clusterApi.delete(storagePools, { name: 'own' }, {}, signal);
  });

  it('gives a Member that was applied the token for its host', async () => {
    const clusterApi = cluster.api('n1');
    const { apiVersion, kind } = members;
    const address = `127.0.0.1:${await findFreePort()}`;
    await clusterApi.create(
      members,
      { apiVersion, kind, metadata: { name: 'n11' }, spec: { address } },
      signal,
    );
    const place = { namespace: 'muster-system', name: 'join-token-n11' };
    const token = await eventually('the token of n11', async () => {
      const data = (await clusterApi.get(secrets, place, signal))?.data ?? {};
      return data['token'] === undefined ? undefined : Buffer.from(data['token'], 'base64').toString();
    });
    const elsewhere = await cluster.join('n11', token);
    assert.match(
      elsewhere.stderr,
      new RegExp(`the Member n11 has the address ${address}; join with that one`),
    );
    const joined = await cluster.join('n11', token, address);
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal((await clusterApi.get(secrets, place, signal))?.data?.['token'], undefined);
  });

  it('refuses an expired token, for good', async () => {
    const clusterApi = cluster.api('n1');
    const expire = (joinTokenExpiry: string) =>
      clusterApi.mergePatch(clusters, { name: 'cluster' }, { spec: { joinTokenExpiry } }, {}, signal);
    await expire('1S');
    const token = await cluster.token('n1', 'n8');
    await expire('3H');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.match((await cluster.join('n8', token)).stderr, /it expired at /);
    assert.match(
      (await cluster.join('n8', token)).stderr,
      /it was used, replaced by a newer one, or never made/,
    );
  });

  it('goes on where it was after a stop of the leader', async () => {
    await cluster.stop('n1');
    const clusterApi = cluster.api('n2');
    await eventually('the others accept writes', () =>
      clusterApi.mergePatch(clusters, { name: 'cluster' }, { spec: { maxStandby: 1 } }, {}, signal),
    );
    await cluster.start('n1');
    const again = cluster.api('n1');
    await eventually('the first member knows it', async () => {
      const found = await again.get(clusters, { name: 'cluster' }, signal);
      return found?.spec?.maxStandby === 1 ? found : undefined;
    });
  });
});
