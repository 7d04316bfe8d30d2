import assert from 'node:assert/strict';
import { type TestClient, type TestResponse, createTestClient } from '../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';
import { configMaps, type WireRow, widgets } from './wire/row.ts';
import { wireTable } from './wire-table.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets' },
    scope: 'Namespaced',
    versions: [
      {
        ...{ name: 'v1', served: true, storage: true },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { size: { type: 'integer', maximum: 100 } } },
              status: {
                type: 'object',
                properties: { size: { type: 'integer' }, phase: { type: 'string' } },
              },
            },
          },
        },
      },
    ],
  },
};

describe('the API on the wire', () => {
  let server: TestApiServer;
  let api: TestClient;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    await api.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
    const web = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'web' },
      spec: { size: 3 },
    };
    const made = await api.send('POST', widgets, web);
    assert.equal(made.code, 201, made.text);
    await api.send('POST', configMaps, { metadata: { name: 'settings' }, data: { a: '1' } });
  });
  after(async () => {
    await api.close();
    await server.close();
  });

  for (const row of wireTable) {
    it(`section ${row.section}: ${row.name}`, async () => {
      const { request, body, headers = {} } = row;
      const answer = await api.send(request[0], request[1], body, headers);
      check(row, answer);
    });
  }
});

function check({ code, reason, says, type }: WireRow, answer: TestResponse): void {
  assert.equal(answer.code, code, answer.text.slice(0, 400));
  if (code >= 400 && answer.body.kind === 'Status') {
    assert.deepEqual([answer.body.code, answer.body.apiVersion], [code, 'v1']);
  }
  if (reason !== undefined) assert.equal(answer.body.reason, reason, answer.text);
  if (says !== undefined) {
    const isStatus = answer.body.kind === 'Status' && code >= 400;
    assert.match(isStatus ? answer.body.message : answer.text, says);
  }
  if (type !== undefined) assert.equal(answer.headers['content-type'], type);
}
