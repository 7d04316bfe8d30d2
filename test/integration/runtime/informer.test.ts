import assert from 'node:assert/strict';
import { createApiServer, type ApiServer } from '../../../src/apiserver/api-server.ts';
import type { ConfigMap } from '../../../src/api/builtin.ts';
import type { Resource } from '../../../src/api/resource.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { type ClusterApiConnection, createClusterApi } from '../../../src/runtime/create-cluster-api.ts';
import { createInformer } from '../../../src/runtime/create-informer.ts';
import { createEventRecorder, type CoreEvent } from '../../../src/runtime/record-event.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const events: Resource<CoreEvent> = { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true };
const tools = { clock: systemClock, random: Math.random, logger: silentLogger };

function buildSettings(name: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name } };
}

/** The same store, certificate authority and port again, as after a restart of the member. */
async function serveAgain({ store, pki, url }: TestApiServer): Promise<ApiServer> {
  const { certPem, keyPem } = await pki.issueMember('member-1');
  const server = createApiServer({
    ...{ store, clock: systemClock, logger: silentLogger, version: '0.0.0-test', memberName: 'member-1' },
    tokenKeys: () => [new Uint8Array(32)],
    authorities: () => [pki.caPem],
    tls: { certPem, keyPem },
  });
  await server.listen(Number(new URL(url).port), '127.0.0.1');
  return server;
}

describe('runtime informer over HTTPS', () => {
  let server: TestApiServer;
  let clusterApi: ClusterApiConnection;
  let stop: AbortController;

  beforeEach(async () => {
    server = await startTestApiServer();
    clusterApi = createClusterApi({ server: server.url, ...server.adminTls });
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await clusterApi.close();
    await server.close();
  });

  function follow() {
    const informer = createInformer(configMaps, { clusterApi, ...tools, scope: { namespace: 'default' } });
    informer.start(stop.signal);
    const names = (): string[] =>
      informer
        .list()
        .map(({ metadata }) => metadata.name)
        .toSorted();
    return { informer, holds: (...wanted: string[]) => waitUntil(() => assert.deepEqual(names(), wanted)) };
  }

  const create = (name: string) => clusterApi.create(configMaps, buildSettings(name), stop.signal);
  const remove = (name: string) =>
    clusterApi.delete(configMaps, { namespace: 'default', name }, {}, stop.signal);

  it('shows what is there, then what changes', async () => {
    await create('a');
    const { informer, holds } = follow();
    await informer.synced;
    await holds('a');
    await create('b');
    await holds('a', 'b');
    await remove('a');
    await holds('b');
  });

  it('goes on where it was when the server comes back', async () => {
    const { holds } = follow();
    await create('a');
    await holds('a');
    await server.server.close();
    const again = await serveAgain(server);
    try {
      await waitUntil(async () => {
        await create('b');
      });
      await remove('a');
      await holds('b');
    } finally {
      await again.close();
    }
  });

  it('starts over when the history that it missed is gone', async () => {
    const { holds } = follow();
    await create('a');
    await holds('a');
    await server.server.close();
    const seldom = await serveAgain(server);
    await waitUntil(async () => {
      await remove('a');
    });
    await create('b');
    await seldom.close();
    server.store.compact(server.store.revision);
    const again = await serveAgain(server);
    try {
      await holds('b');
      await waitUntil(async () => {
        await create('c');
      });
      await holds('b', 'c');
    } finally {
      await again.close();
    }
  });

  it('counts the same event in one object, and holds a flood back', async () => {
    const options = { clusterApi, component: 'muster-test', host: 'a', ...tools };
    const recorder = createEventRecorder(options);
    const running = recorder.run(stop.signal);
    const about = await create('a');
    const list = async (): Promise<readonly CoreEvent[]> => {
      return (await clusterApi.list(events, { namespace: 'default' }, new AbortController().signal)).items;
    };
    for (let count = 0; count < 5; count += 1) recorder.record(about, 'Warning', 'Broken', 'it broke');
    await waitUntil(async () => {
      assert.deepEqual(
        (await list()).map(({ reason, count }) => [reason, count]),
        [['Broken', 5]],
      );
    });
    recorder.record(about, 'Warning', 'Broken', 'it broke');
    await waitUntil(async () => {
      assert.equal((await list())[0]?.count, 6);
    });
    for (let count = 0; count < 100; count += 1) recorder.record(about, 'Normal', 'Noise', `number ${count}`);
    await waitUntil(async () => {
      assert((await list()).length > 20);
    });
    stop.abort();
    await running;
    assert((await list()).length <= 25);
  });
});
