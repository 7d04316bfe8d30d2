import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { createKubectl } from '../../support/run-kubectl.ts';

const old = '/api/v1/namespaces/default/events';
const young = '/apis/events.k8s.io/v1/namespaces/default/events';
const subject = { apiVersion: 'muster.dev/v1alpha1', kind: 'Instance', namespace: 'default', name: 'web' };

describe('apiserver events', function () {
  this.timeout(30_000);
  let folder = '';
  let server: TestApiServer;
  let api: TestClient;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    folder = mkdtempSync(join(tmpdir(), 'muster-events-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await api.close();
    await server.close();
  });

  it('are the same in both groups', async () => {
    await api.send('POST', old, {
      ...{ metadata: { name: 'one' }, involvedObject: subject, reason: 'Started', message: 'it runs' },
      ...{ type: 'Normal', source: { component: 'agent' }, count: 3, lastTimestamp: '2024-01-01T00:00:00Z' },
    });
    const seen = (await api.send('GET', `${young}/one`)).body as unknown as Record<string, unknown>;
    assert.deepEqual(
      [
        seen['apiVersion'],
        seen['regarding'],
        seen['note'],
        seen['deprecatedCount'],
        seen['deprecatedSource'],
      ],
      ['events.k8s.io/v1', subject, 'it runs', 3, { component: 'agent' }],
    );
    assert.equal(seen['involvedObject'], undefined);

    const created = await api.send('POST', young, {
      ...{
        metadata: { name: 'two' },
        regarding: subject,
        reason: 'Stopped',
        note: 'it stopped',
        type: 'Warning',
      },
      ...{ action: 'Stop', reportingController: 'muster.dev/agent', reportingInstance: 'n1' },
      eventTime: '2024-01-01T00:00:00.123456Z',
    });
    assert.equal(created.code, 201, created.text);
    const { body } = await api.send('GET', `${old}/two`);
    const core = body as unknown as Record<string, unknown>;
    assert.deepEqual(
      [
        core['apiVersion'],
        core['involvedObject'],
        core['message'],
        core['reportingComponent'],
        core['eventTime'],
      ],
      ['v1', subject, 'it stopped', 'muster.dev/agent', '2024-01-01T00:00:00.123456Z'],
    );

    const names = async (path: string): Promise<string[]> =>
      (await api.send('GET', path)).body.items.map(({ metadata }) => metadata.name);
    assert.deepEqual(await names(`${young}?fieldSelector=regarding.name=web,type=Warning`), ['two']);
    assert.deepEqual(await names(`${old}?fieldSelector=involvedObject.name=web,type=Warning`), ['two']);
    assert.deepEqual(await names(young), ['one', 'two']);
  });

  it('grow a series, and keep the rest', async () => {
    const patch = (body: object) =>
      api.send('PATCH', `${young}/two`, body, { 'content-type': 'application/merge-patch+json' });
    const series = { count: 2, lastObservedTime: '2024-01-01T00:01:00Z' };
    const grown = await patch({ series });
    assert.equal(grown.code, 200, grown.text);
    const refused = await patch({ note: 'other' });
    assert.equal(refused.code, 422);
    assert.match(refused.body.message, /note: Invalid value: "other": field is immutable/u);
  });

  it('show the same table in both groups', async () => {
    const kubectl = createKubectl(folder, server.url, server.adminTls);
    const run = async (command: string): Promise<string> => (await kubectl.run(command.split(' '))).stdout;
    const rows = (text: string): string[] => text.split('\n').map((line) => line.replace(/^\S+ +/u, ''));
    const table = await run('get events.v1.events.k8s.io');
    assert.match(
      table,
      /LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n.*Normal +Started +instance\/web +it runs/u,
    );
    assert.deepEqual(rows(table), rows(await run('get events')));
    assert.match(await run('events --for instance/web'), /Stopped/u);
  });
});
