import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo } from 'node:net';
import { isApiError, type ApiError } from '../../../src/api/api-error.ts';
import type { ConfigMap } from '../../../src/api/builtin.ts';
import { storagePools } from '../../../src/api/generated/resources.ts';
import type { StoragePool } from '../../../src/api/generated/storage-pool.ts';
import type { Resource } from '../../../src/api/resource.ts';
import { type ClusterApiConnection, createClusterApi } from '../../../src/runtime/create-cluster-api.ts';
import { leaderHeaders } from '../../../src/runtime/leader-run.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { buildPool } from '../../support/build-objects.ts';

const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const name = { namespace: 'default', name: 'settings' };
const { signal } = new AbortController();

function buildSettings(data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...name }, data };
}

async function refusal(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(isApiError(error), `not refused: ${String(error)}`);
  return error;
}

describe('runtime cluster API over HTTPS', () => {
  let server: TestApiServer;
  let clusterApi: ClusterApiConnection;

  beforeEach(async () => {
    server = await startTestApiServer();
    clusterApi = createClusterApi({ server: server.url, ...server.adminTls });
  });
  afterEach(async () => {
    await clusterApi.close();
    await server.close();
  });

  it('creates, reads, changes and deletes, and keeps times as they are written', async () => {
    const created = await clusterApi.create(configMaps, buildSettings({ a: '1' }), signal);
    assert.match(String(created.metadata.creationTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const { resourceVersion } = created.metadata;
    assert(resourceVersion !== undefined);

    const patch = { metadata: { resourceVersion }, data: { a: null, b: '2' } };
    const patched = await clusterApi.mergePatch(configMaps, name, patch, { fieldManager: 'test' }, signal);
    assert.deepEqual(patched.data, { b: '2' });
    const updated = await clusterApi.update(configMaps, { ...patched, data: { c: '3' } }, signal);
    assert.deepEqual(await clusterApi.get(configMaps, name, signal), updated);
    const list = await clusterApi.list(configMaps, { namespace: 'default' }, signal);
    assert.deepEqual(list.items, [updated]);

    await clusterApi.delete(configMaps, name, { uid: created.metadata.uid ?? '' }, signal);
    assert.equal(await clusterApi.get(configMaps, name, signal), undefined);
    await clusterApi.delete(configMaps, name, {}, signal);
  });

  it('writes the status by itself', async () => {
    await clusterApi.create(storagePools, buildPool('fast'), signal);
    const patch = {
      spec: { description: 'ignored' },
      status: { members: [{ name: 'a', state: 'Created' }] },
    };
    const options = { subresource: 'status' } as const;
    const stored = await clusterApi.mergePatch(storagePools, { name: 'fast' }, patch, options, signal);
    assert.deepEqual([stored.spec.description, stored.status?.members?.[0]?.state], [undefined, 'Created']);
  });

  it('tells a refusal as the server meant it', async () => {
    const unserved = buildPool('fast', { spec: { driver: 'zfs' } });
    const invalid = await refusal(clusterApi.create<StoragePool>(storagePools, unserved, signal));
    assert.deepEqual(
      [invalid.reason, invalid.code, invalid.status.details?.causes?.map(({ field }) => field)],
      ['Invalid', 422, ['spec.driver']],
    );
    await clusterApi.create(configMaps, buildSettings({}), signal);
    const stale = { metadata: { resourceVersion: '1' }, data: { a: '1' } };
    const conflict = await refusal(clusterApi.mergePatch(configMaps, name, stale, {}, signal));
    assert.equal(conflict.reason, 'Conflict');
  });

  it('refuses the writes of a leader whose term is over', async () => {
    const deposed = createClusterApi({
      ...{ server: server.url, ...server.adminTls },
      extraHeaders: leaderHeaders(99),
    });
    try {
      const error = await refusal(deposed.create(configMaps, buildSettings({}), signal));
      assert.equal(error.reason, 'Conflict');
    } finally {
      await deposed.close();
    }
  });

  it('tells an unreachable server, an impatient caller and a slow answer apart', async () => {
    const silent = createServer((socket) => socket.resume());
    silent.listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const silentUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const slow = createClusterApi({ ...server.adminTls, server: silentUrl, deadlineMs: 100 });
    const nowhere = createClusterApi({ ...server.adminTls, server: 'https://127.0.0.1:1' });
    try {
      const stop = new AbortController();
      const impatient = slow.get(configMaps, name, stop.signal);
      stop.abort(new Error('had enough'));
      await assert.rejects(impatient, /had enough/);
      assert.equal((await refusal(slow.get(configMaps, name, signal))).reason, 'Timeout');
      assert.equal((await refusal(nowhere.get(configMaps, name, signal))).reason, 'ServiceUnavailable');
    } finally {
      await Promise.all([slow.close(), nowhere.close()]);
      silent.close();
    }
  });

  it('keeps its connections from one request to the next', async () => {
    const { port } = new URL(server.url);
    const connections: string[] = [];
    const proxy = createServer((inbound) => {
      connections.push('one');
      const outbound = connect(Number(port), '127.0.0.1');
      inbound.pipe(outbound).pipe(inbound);
      for (const socket of [inbound, outbound]) socket.on('error', () => socket.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const url = `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const proxied = createClusterApi({ ...server.adminTls, server: url });
    try {
      for (let count = 0; count < 20; count += 1) await proxied.get(configMaps, name, signal);
      // The pool opens a second one when a request comes before the last answer is quite over.
      assert(connections.length <= 2, `${connections.length} connections`);
    } finally {
      await proxied.close();
      proxy.close();
    }
  });
});
