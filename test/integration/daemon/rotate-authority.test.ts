import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exchangeCondition, rotateAuthorityPath, type ExchangeAnswer } from '../../../src/api/authority.ts';
import { secrets } from '../../../src/api/builtin.ts';
import { findCondition } from '../../../src/api/conditions.ts';
import { clusters, members } from '../../../src/api/generated/resources.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { refreshKubeconfig } from '../../../src/cli/commands/kubeconfig-refresh.ts';
import { rotateAuthority } from '../../../src/cli/commands/rotate-authority.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { readPeersFile } from '../../../src/consensus/membership/peers-file.ts';
import { describeDataDir } from '../../../src/daemon/data-dir.ts';
import { readIdentity, type MemberIdentity } from '../../../src/daemon/run/member-identity.ts';
import { askStanding } from '../../../src/daemon/standing/ask-standing.ts';
import { openApiConnection, type ApiEndpoint } from '../../../src/runtime/api-connection.ts';
import { createClusterApi } from '../../../src/runtime/create-cluster-api.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';
import { createRequester } from '../../../src/runtime/request.ts';
import { DaemonCluster, eventually } from '../../support/daemon-cluster.ts';

const { signal } = new AbortController();
const names = ['n1', 'n2', 'n3'];

describe("daemon: exchanging the cluster's authority", function () {
  this.timeout(120_000);
  this.bail(true); // each goes on where the one before it ended
  let cluster: DaemonCluster;
  const held = { formerPem: '', newPem: '', oldToken: '', saToken: '' };
  /** As on a host that is off during all of it. */
  let before3: MemberIdentity;

  before(async () => {
    cluster = await DaemonCluster.create();
    const { code, stderr } = await cluster.init('n1');
    assert.equal(code, 0, stderr);
    await cluster.start('n1');
    await waitForMember('n1');
    for (const name of ['n2', 'n3']) await add(name, await cluster.token('n1', name));
    held.formerPem = await readFile(describeDataDir(cluster.dataDir('n1')).clusterCert, 'utf8');
    await copyFile(adminOf('n1'), person());
    before3 = await readIdentity(describeDataDir(cluster.dataDir('n3')));
    held.oldToken = await cluster.token('n1', 'n4');
    held.saToken = await issueServiceToken();
  });

  after(async () => {
    await cluster[Symbol.asyncDispose]();
  });

  const adminOf = (name: string): string => describeDataDir(cluster.dataDir(name)).adminKubeconfig;
  /** A copy of before, as people have it elsewhere. */
  const person = (): string => path.join(cluster.root, 'person.kubeconfig');

  async function add(name: string, token: string): Promise<void> {
    const { code, stderr } = await cluster.join(name, token);
    assert.equal(code, 0, stderr);
    await cluster.start(name);
    await waitForMember(name);
  }

  async function waitForMember(name: string): Promise<void> {
    await eventually(
      `${name} is online`,
      async () => {
        const member = await askAs(adminOf('n1'), name);
        return member?.status?.state === 'Online' ? member : undefined;
      },
      40_000,
    );
  }

  /** With connections of its own, made with what the file says now. */
  async function askAs(file: string, name: string) {
    return asking(readKubeconfig(file), name);
  }

  async function asking(endpoint: ApiEndpoint, name = 'n1') {
    const clusterApi = createClusterApi(endpoint);
    try {
      return await clusterApi.get(members, { name }, signal);
    } finally {
      await clusterApi.close();
    }
  }

  async function send<T>(
    endpoint: ApiEndpoint,
    method: 'GET' | 'POST',
    url: string,
    body?: object,
  ): Promise<T> {
    const connection = openApiConnection(endpoint);
    try {
      const request = createRequester({
        connection,
        server: endpoint.server,
        clock: systemClock,
        deadlineMs: 10_000,
      });
      return await request<T>({ method, path: url, ...(body === undefined ? {} : { body }) }, signal);
    } finally {
      connection.close();
    }
  }

  /** Asks one member after the other, each time over another connection, until it is told to stop. */
  function keepAsking(endpointOn: (name: string) => ApiEndpoint) {
    const state = { isOver: false, asked: 0, problems: [] as string[] };
    const running = (async () => {
      while (!state.isOver) {
        const name = names[state.asked % names.length] ?? 'n1';
        await asking(endpointOn(name)).catch((error: unknown) =>
          state.problems.push(`${name}: ${String(error)}`),
        );
        state.asked += 1;
      }
    })();
    return {
      async stop() {
        state.isOver = true;
        await running;
        assert(state.asked > names.length);
        assert.deepEqual(state.problems, []);
      },
    };
  }

  /** One that would go on for an hour. */
  async function watchAs(file: string): Promise<{ readonly isCut: boolean }> {
    const connection = openApiConnection(readKubeconfig(file));
    const url = '/apis/muster.dev/v1alpha1/members?watch=true&timeoutSeconds=3600';
    const response = await connection.send({ method: 'GET', path: url, headers: {} }, signal);
    assert.equal(response.statusCode, 200);
    const state = { isCut: false };
    response.once('close', () => {
      state.isCut = true;
      connection.close();
    });
    response.resume();
    return state;
  }

  async function issueServiceToken(): Promise<string> {
    const endpoint = readKubeconfig(adminOf('n1'));
    const url = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const issued = await eventually('a token', () =>
      send<{ status: { token: string } }>(endpoint, 'POST', url, body),
    );
    return issued.status.token;
  }

  /** Whether the API on a member takes the token; it may see nothing else. */
  async function takesToken(token: string, name = 'n2'): Promise<boolean> {
    const { server, caPem } = readKubeconfig(adminOf(name));
    const url = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    return send({ server, caPem, token }, 'POST', url, body).then(
      () => true,
      (error: unknown) => {
        assert.match(String(error), /Unauthorized/);
        return false;
      },
    );
  }

  async function authorityOn(name: string): Promise<string> {
    return readFile(describeDataDir(cluster.dataDir(name)).clusterCert, 'utf8');
  }

  async function viewOf() {
    const { exchange } = await send<ExchangeAnswer>(
      readKubeconfig(adminOf('n1')),
      'GET',
      rotateAuthorityPath,
    );
    assert(exchange !== undefined);
    return exchange;
  }

  async function condition() {
    const clusterApi = createClusterApi(readKubeconfig(adminOf('n1')));
    try {
      return findCondition(
        (await clusterApi.get(clusters, { name: 'cluster' }, signal))?.status,
        exchangeCondition,
      );
    } finally {
      await clusterApi.close();
    }
  }

  it('goes back to the one that there was, also when the other one signs', async () => {
    await rotateAuthority({ kubeconfig: adminOf('n1'), endIn: '30d' });
    const signing = await authorityOn('n3');
    assert.notEqual(signing, held.formerPem);
    await rotateAuthority({ kubeconfig: adminOf('n2'), cancel: true });
    for (const name of names) {
      assert.equal(await authorityOn(name), held.formerPem);
      assert.equal(readKubeconfig(adminOf(name)).caPem, held.formerPem);
      assert.equal((await askAs(adminOf(name), name))?.metadata.name, name);
      assert(!existsSync(describeDataDir(cluster.dataDir(name)).exchange));
    }
    assert.equal((await askAs(person(), 'n1'))?.metadata.name, 'n1');
    await eventually('it has finished', async () => (await viewOf()).finishedAt);
    assert.equal((await condition())?.reason, 'Canceled');
  });

  it('has every member sign with another one, and everybody goes on as before', async () => {
    const servers = new Map(names.map((name) => [name, readKubeconfig(adminOf(name)).server]));
    const ofPerson = readKubeconfig(person());
    const clients = [
      keepAsking((name) => ({ ...ofPerson, server: servers.get(name) ?? '' })),
      keepAsking((name) => readKubeconfig(adminOf(name))),
    ];
    await rotateAuthority({ kubeconfig: adminOf('n2') });
    for (const client of clients) await client.stop();
    held.newPem = await authorityOn('n1');
    assert.notEqual(held.newPem, held.formerPem);
    for (const name of names) {
      assert.equal(await authorityOn(name), held.newPem);
      const { caPem, certPem = '' } = readKubeconfig(adminOf(name));
      assert.equal(caPem, held.newPem + held.formerPem);
      assert(new X509Certificate(certPem).verify(new X509Certificate(held.newPem).publicKey));
      assert.equal((await askAs(adminOf(name), name))?.metadata.name, name);
    }
    // Somebody who has heard of nothing.
    for (const name of names) {
      const { server } = readKubeconfig(adminOf(name));
      assert.equal((await asking({ ...readKubeconfig(person()), server }))?.metadata.name, 'n1');
    }
    assert.equal(await takesToken(held.saToken), true);
    assert.equal((await condition())?.reason, 'Signing');
  });

  it('goes on where it was after a restart in between', async () => {
    await cluster.stop('n3');
    await cluster.start('n3');
    await waitForMember('n3');
    const { server } = readKubeconfig(adminOf('n3'));
    await eventually('a kubeconfig of before is good', () => asking({ ...readKubeconfig(person()), server }));
    await eventually('that of the host is', () => askAs(adminOf('n3'), 'n3'));
  });

  it('keeps the key from the API, also from who may read every Secret', async () => {
    const { keyPem } = await cluster
      .api('n1')
      .list(secrets, {}, signal)
      .then(async (list) => {
        const text = JSON.stringify(list);
        assert(
          !text.includes('PRIVATE KEY') &&
            !text.includes(Buffer.from('-----BEGIN PRIVATE KEY').toString('base64')),
        );
        return { keyPem: await readFile(describeDataDir(cluster.dataDir('n1')).clusterKey, 'utf8') };
      });
    const answer = await send<object>(readKubeconfig(adminOf('n1')), 'GET', rotateAuthorityPath);
    assert(!JSON.stringify(answer).includes(keyPem.split('\n')[1] ?? 'nothing'));
  });

  it('refuses a join token of before, says why, and takes in a host with one made now', async () => {
    const { code, stderr } = await cluster.join('n4', held.oldToken);
    assert.notEqual(code, 0);
    assert.match(stderr, /its authority was exchanged after the token was made/);
    await add('n4', await cluster.token('n1', 'n4'));
    assert.equal(await authorityOn('n4'), held.newPem);
    const { server } = readKubeconfig(adminOf('n4'));
    assert.equal((await asking({ ...readKubeconfig(person()), server }))?.metadata.name, 'n1');
  });

  it('brings people the new authority, and not another login', async () => {
    await refreshKubeconfig({ kubeconfig: person() });
    assert.equal(readKubeconfig(person()).caPem, held.newPem + held.formerPem);
    assert.equal((await askAs(person(), 'n1'))?.metadata.name, 'n1');
  });

  it('ends the former one for everybody who has not been given another', async () => {
    const watching = await watchAs(person());
    const client = keepAsking((name) => readKubeconfig(adminOf(name)));
    await rotateAuthority({ kubeconfig: adminOf('n1'), now: true });
    await client.stop();
    await eventually('the watch of before is cut', () => Promise.resolve(watching.isCut || undefined));
    for (const name of [...names, 'n4']) {
      assert.equal(readKubeconfig(adminOf(name)).caPem, held.newPem);
      assert.equal((await askAs(adminOf(name), name))?.metadata.name, name);
      assert(!existsSync(describeDataDir(cluster.dataDir(name)).exchange));
    }
    await assert.rejects(askAs(person(), 'n1'), /Unauthorized/);
    assert.equal(await takesToken(held.saToken), false);
    assert.equal(await takesToken(await issueServiceToken()), true);
    await eventually('it has finished', async () => (await viewOf()).finishedAt, 40_000);
    await eventually('the Cluster says so', async () =>
      (await condition())?.reason === 'Exchanged' ? true : undefined,
    );
    await assert.rejects(rotateAuthority({ kubeconfig: adminOf('n1') }), /--again exchanges it once more/);
    await assert.rejects(
      rotateAuthority({ kubeconfig: adminOf('n1'), cancel: true }),
      /the authority is not being exchanged/,
    );
  });

  it('still tells a member that has missed it whether it belongs to the cluster', async () => {
    const peers = await readPeersFile(describeDataDir(cluster.dataDir('n3')).peers);
    const asking3 = { config: await cluster.config('n3'), identity: before3, logger: silentLogger };
    const answers = await askStanding(
      asking3,
      peers.filter(({ name }) => name !== 'n3'),
    );
    assert(answers.length >= 2);
    assert(answers.every(({ standing }) => standing === 'member'));
  });

  it('exchanges it once more, and says so to who loses his own login by that', async () => {
    await copyFile(adminOf('n2'), person());
    await assert.rejects(
      rotateAuthority({ kubeconfig: person(), now: true, again: true }),
      /the former authority does not count any more, and neither does this kubeconfig/,
    );
    await eventually('it has finished', async () => (await viewOf()).finishedAt);
    assert.notEqual(await authorityOn('n1'), held.newPem);
  });

  it('starts again with what it has by now', async () => {
    await cluster.stop('n2');
    await cluster.start('n2');
    await waitForMember('n2');
    await eventually('its API answers', () => askAs(adminOf('n2'), 'n2'));
  });
});
