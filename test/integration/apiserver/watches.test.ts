import assert from 'node:assert/strict';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

interface Seen {
  readonly type: string;
  readonly object: {
    metadata: { name?: string; resourceVersion: string; labels?: object; annotations?: object };
  };
}

describe('apiserver watches over HTTPS', () => {
  let server: TestApiServer;
  let api: TestClient;

  beforeEach(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });

  const create = async (name: string, labels = {}) => {
    const { body } = await api.send('POST', configMaps, { metadata: { name, labels } });
    return body.metadata.resourceVersion;
  };
  const patch = (name: string, body: object) => api.send('PATCH', `${configMaps}/${name}`, body, mergePatch);

  /** Reads until `count` events have come or the watch ends, while `act` goes on. */
  async function collect(
    query: string,
    count: number,
    act: () => Promise<unknown> = async () => {},
  ): Promise<Seen[]> {
    const stop = new AbortController();
    const events: Seen[] = [];
    const reading = (async () => {
      for await (const event of api.watch(`${configMaps}?watch=1&${query}`, stop.signal)) {
        if (events.push(event as unknown as Seen) === count) break;
      }
    })();
    await act();
    await reading;
    stop.abort();
    return events;
  }

  const outline = (events: readonly Seen[]) =>
    events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());

  it('begins with the present state, and goes on with each change', async () => {
    await create('a');
    const events = await collect('', 4, async () => {
      await create('b');
      await patch('a', { data: { x: '1' } });
      await patch('a', { data: { x: '1' } });
      await api.send('DELETE', `${configMaps}/a`);
    });
    const revisions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.deepEqual(outline(events), ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED a']);
    assert.deepEqual(
      revisions,
      revisions.toSorted((x, y) => x - y),
    );
  });

  it('continues after a revision without a gap', async () => {
    const revision = await create('a');
    await create('b');
    await patch('b', { data: { x: '1' } });
    assert.deepEqual(outline(await collect(`resourceVersion=${revision}`, 2)), ['ADDED b', 'MODIFIED b']);
  });

  it('tells of objects that start and stop to match', async () => {
    const revision = await create('a');
    const events = await collect(`resourceVersion=${revision}&labelSelector=on%3Dyes`, 3, async () => {
      await patch('a', { metadata: { labels: { on: 'yes' } } });
      await patch('a', { data: { x: '1' } });
      await patch('a', { metadata: { labels: { on: 'no' } } });
      await patch('a', { data: { x: '2' } });
    });
    assert.deepEqual(outline(events), ['ADDED a', 'MODIFIED a', 'DELETED a']);
    assert.deepEqual(events.at(-1)?.object.metadata.labels, { on: 'yes' }, 'the last state that matched');
  });

  it('marks the end of the present state', async () => {
    await create('a');
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const events = await collect(query, 2);
    assert.deepEqual(outline(events), ['ADDED a', 'BOOKMARK']);
    assert.deepEqual(events[1]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  });

  it('ends when its time is over, with a bookmark', async () => {
    const revision = await create('a');
    await api.send('POST', '/api/v1/namespaces', { metadata: { name: 'other' } });
    const events = await collect(`resourceVersion=${revision}&timeoutSeconds=1&allowWatchBookmarks=true`, 9);
    assert.deepEqual(outline(events), ['BOOKMARK']);
    assert.equal(Number(events[0]?.object.metadata.resourceVersion) > Number(revision), true);
  });

  it('says that a revision is too old', async () => {
    const revision = await create('a');
    await create('b');
    server.store.compact(server.store.revision);
    const [event] = await collect(`resourceVersion=${Number(revision) - 1}`, 9);
    const { code, reason } = event?.object as unknown as { code: number; reason: string };
    assert.deepEqual([event?.type, code, reason], ['ERROR', 410, 'Expired']);
  });

  it('sends its head before there is anything to tell', async () => {
    const stop = new AbortController();
    const revision = await create('a');
    const response = await fetchHead(`${configMaps}?watch=1&resourceVersion=${revision}`, stop.signal);
    assert.equal(response, 200);
    stop.abort();
  });

  it('ends when its kind changes or the server stops', async () => {
    const path = '/apis/muster.dev/v1alpha1/profiles?watch=1&timeoutSeconds=60';
    const read = async () => {
      for await (const event of api.watch(path, new AbortController().signal))
        assert.fail(JSON.stringify(event));
    };
    const first = read();
    const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/profiles.muster.dev';
    await new Promise((resolve) => setTimeout(resolve, 30));
    await api.send('PATCH', definition, { spec: { names: { categories: ['some'] } } }, mergePatch);
    await first;
    const second = read();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await server.server.close();
    await second;
  });

  it('writes rows into a watch of kubectl', async () => {
    await create('a');
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const stop = new AbortController();
    const tables: { columnDefinitions: unknown[] | null; rows: { cells: unknown[] }[] }[] = [];
    await create('b');
    for await (const { object } of api.watch(`${configMaps}?watch=1`, stop.signal, { accept })) {
      if (tables.push(object as never) === 2) break;
    }
    stop.abort();
    assert.deepEqual(
      tables.map(({ columnDefinitions, rows }) => [columnDefinitions !== null, rows[0]?.cells[0]]),
      [
        [true, 'a'],
        [false, 'b'],
      ],
    );
  });

  async function fetchHead(path: string, signal: AbortSignal): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    void (async () => {
      for await (const _ of api.watch(path, signal, {}, resolve)) assert.fail('nothing happens');
    })().catch(() => undefined);
    return promise;
  }
});
