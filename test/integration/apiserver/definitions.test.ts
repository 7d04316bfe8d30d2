import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/eventually.ts';
import { type Kubectl, createKubectl } from '../../support/run-kubectl.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const farms = '/apis/example.com/v1/namespaces/default/farms';
const mergePatch = { 'content-type': 'application/merge-patch+json' };

const spec = {
  type: 'object',
  description: 'The farm that you want.',
  required: ['crop'],
  properties: {
    crop: { type: 'string', description: 'What grows there.', maxLength: 20 },
    replicas: { type: 'integer', minimum: 0, default: 1 },
    limit: { type: 'integer' },
    beds: {
      type: 'array',
      description: 'Where it grows.',
      items: { type: 'object', properties: { size: { type: 'integer', description: 'In square metres.' } } },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.limit) || self.replicas <= self.limit',
      message: 'too many replicas for the limit',
      fieldPath: '.replicas',
    },
    { rule: 'self.crop == oldSelf.crop', messageExpression: '"it stays " + oldSelf.crop' },
  ],
};
const status = {
  type: 'object',
  properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
};
const version = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  selectableFields: [{ jsonPath: '.spec.crop' }],
};
const buildDefinition = (versions: readonly object[] = [version], plural = 'farms', names: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.example.com` },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural, kind: 'Farm', ...names },
    versions,
  },
});
const buildFarm = (name: string, fields: object = {}, more: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Farm',
  metadata: { name },
  spec: { crop: 'wheat', ...fields },
  ...more,
});

describe('apiserver definitions', function () {
  this.timeout(60_000);
  let folder = '';
  let server: TestApiServer;
  let api: TestClient;
  let kubectl: Kubectl;

  beforeEach(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    folder = mkdtempSync(join(tmpdir(), 'muster-definitions-'));
    kubectl = createKubectl(folder, server.url, server.adminTls);
    assert.equal((await api.send('POST', definitions, buildDefinition())).code, 201);
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await api.close();
    await server.close();
  });

  async function run(command: string, input?: object): Promise<string> {
    const { code, stdout, stderr } = await kubectl.run(command.split(' '), input && JSON.stringify(input));
    return code === 0 ? stdout : `error ${code}: ${stderr}`;
  }

  it('serves kubectl: wait, explain, create, scale', async () => {
    assert.match(
      await run('wait --for=condition=Established crd/farms.example.com --timeout=10s'),
      /condition met/u,
    );
    const explained = await run('explain farm.spec --recursive');
    assert.match(explained, /crop\s+<string> -required-/u);
    assert.match(explained, /beds\s+<\[\]Object>\n {4}size\s+<integer>/u);
    assert.match(await run('explain farm.spec.crop'), /What grows there\./u);

    const refused = await run('create -f -', buildFarm('one', { replicas: 5, limit: 3 }));
    assert.match(refused, /spec\.replicas: Invalid value: "object": too many replicas for the limit/u);
    assert.equal(await run('create -f -', buildFarm('one', { limit: 3 })), 'farm.example.com/one created\n');
    assert.match(
      await run('apply -f - --server-side --force-conflicts', buildFarm('one', { crop: 'rye' })),
      /spec: Invalid value: "object": it stays wheat/u,
    );

    assert.equal(await run('scale farm/one --replicas=3'), 'farm.example.com/one scaled\n');
    assert.equal(
      await run('scale farm/one --replicas=2 --current-replicas=3'),
      'farm.example.com/one scaled\n',
    );
    assert.match(await run('scale farm/one --replicas=9'), /too many replicas for the limit/u);
    assert.match(
      await run('scale farm/one --replicas=1 --current-replicas=7'),
      /Expected replicas to be 7, was 2/u,
    );
    assert.equal(await run('get farm one -o jsonpath={.spec.replicas}'), '2');
    assert.match(await run('get farms --field-selector spec.crop=wheat -o name'), /farm.example.com\/one/u);
    assert.match(await run('get farm one --subresource=scale -o yaml'), /kind: Scale/u);
  });

  it('shows and sets the scale', async () => {
    await api.send('POST', farms, buildFarm('one'));
    const selector = { status: { replicas: 1, selector: 'app=one' } };
    await api.send('PATCH', `${farms}/one/status`, selector, mergePatch);
    const { body: scale } = await api.send('GET', `${farms}/one/scale`);
    assert.deepEqual(
      [scale.apiVersion, scale.kind, scale.spec, scale.status],
      ['autoscaling/v1', 'Scale', { replicas: 1 }, { replicas: 1, selector: 'app=one' }],
    );

    const bigger = { ...scale, spec: { replicas: 4 } };
    const stored = await api.send('PUT', `${farms}/one/scale`, bigger);
    assert.deepEqual([stored.code, stored.body.spec], [200, { replicas: 4 }]);
    assert.equal((await api.send('PUT', `${farms}/one/scale`, bigger)).code, 409);
    const { resourceVersion: _revision, ...unconditional } = scale.metadata;
    const again = await api.send('PUT', `${farms}/one/scale`, { ...bigger, metadata: unconditional });
    assert.equal(again.code, 200);
    const { body: farm } = await api.send('GET', `${farms}/one`);
    assert.deepEqual([farm.spec['replicas'], farm.metadata.generation], [4, 2]);

    const negative = await api.send('PATCH', `${farms}/one/scale`, { spec: { replicas: -1 } }, mergePatch);
    assert.equal(negative.code, 422);
    assert.match(negative.body.message, /spec\.replicas in body should be greater than or equal to 0/u);
    assert.equal((await api.send('DELETE', `${farms}/one/scale`)).code, 405);
    const unknown = { spec: { replicas: 1, bogus: 1 } };
    const strict = `${farms}/one/scale?fieldValidation=Strict`;
    assert.match(
      (await api.send('PATCH', strict, unknown, mergePatch)).body.message,
      /unknown field "spec\.bogus"/u,
    );
    const dry = await api.send(
      'PATCH',
      `${farms}/one/scale?dryRun=All`,
      { spec: { replicas: 7 } },
      mergePatch,
    );
    assert.deepEqual(dry.body.spec, { replicas: 7 });
    assert.deepEqual((await api.send('GET', `${farms}/one/scale`)).body.spec, { replicas: 4 });
  });

  it('tells of the scale in discovery and OpenAPI', async () => {
    const { body: list } = await api.send('GET', '/apis/example.com/v1');
    const resources = (list as unknown as { resources: { name: string }[] }).resources;
    assert.deepEqual(
      resources.find(({ name }) => name === 'farms/scale'),
      {
        ...{ name: 'farms/scale', singularName: '', namespaced: true, group: 'autoscaling', version: 'v1' },
        ...{ kind: 'Scale', verbs: ['get', 'patch', 'update'] },
      },
    );
    const { text } = await api.send('GET', '/openapi/v3/apis/example.com/v1');
    assert.match(text, /farms\/\{name\}\/scale/u);
    assert.match(text, /"x-kubernetes-selectable-fields":\[\{"fieldPath":"spec\.crop"\}\]/u);
    assert.match(text, /too many replicas for the limit/u);
  });

  it('refuses a rule that does not compile, with its place', async () => {
    const broken = { ...spec, 'x-kubernetes-validations': [{ rule: 'self.nope > 1' }] };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec: broken } } };
    const { code, body } = await api.send(
      'POST',
      definitions,
      buildDefinition([{ ...version, schema }], 'barns', { kind: 'Barn' }),
    );
    assert.equal(code, 422);
    assert.match(
      body.message,
      /properties\[spec\]\.x-kubernetes-validations\[0\]\.rule: .*undefined field 'nope'/su,
    );
  });

  it('serves several versions, warns about old ones, and keeps those that are stored', async () => {
    const later = { ...version, name: 'v2', storage: false };
    const old = { ...version, deprecated: true, deprecationWarning: 'use v2' };
    const { body: before } = await api.send('GET', `${definitions}/farms.example.com`);
    const update = (versions: readonly object[]) =>
      api.send('PATCH', `${definitions}/farms.example.com`, { spec: { versions } }, mergePatch);
    assert.equal((await update([old, later])).code, 200);
    const created = await eventually('change', 10_000, async () => {
      const answer = await api.send('POST', farms, buildFarm('one'));
      assert.ok(answer.headers['warning']);
      return answer;
    });
    assert.match(String(created.headers['warning']), /299 - "use v2"/u);
    const other = await api.send('GET', `${farms.replace('v1', 'v2')}/one`);
    assert.deepEqual(
      [other.code, other.body.apiVersion, other.body.spec['crop']],
      [200, 'example.com/v2', 'wheat'],
    );

    assert.equal(
      (
        await update([
          { ...version, storage: false },
          { ...later, storage: true },
        ])
      ).code,
      200,
    );
    const { body: after } = await api.send('GET', `${definitions}/farms.example.com`);
    assert.deepEqual((after.status as { storedVersions: string[] }).storedVersions, ['v1', 'v2']);
    assert.ok(after.metadata.generation > before.metadata.generation);
    const dropped = await update([{ ...later, storage: true }]);
    assert.equal(dropped.code, 422);
    assert.match(
      dropped.body.message,
      /status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions/u,
    );
    assert.equal(
      (
        await update([
          { ...version, storage: false, served: false },
          { ...later, storage: true },
        ])
      ).code,
      200,
    );
    await eventually('change', 10_000, async () => {
      assert.equal((await api.send('GET', `${farms}/one`)).code, 404);
    });
    assert.equal((await api.send('GET', `${farms.replace('v1', 'v2')}/one`)).code, 200);
  });

  it('does not serve names that are taken, until they are free', async () => {
    const { body } = await api.send(
      'POST',
      definitions,
      buildDefinition([version], 'acres', { singular: 'acre' }),
    );
    const conditions = (body.status as { conditions: { type: string; status: string; reason: string }[] })
      .conditions;
    assert.deepEqual(
      conditions.map(({ type, status: value, reason }) => [type, value, reason]),
      [
        ['NamesAccepted', 'False', 'KindConflict'],
        ['Established', 'False', 'NotAccepted'],
      ],
    );
    const acres = farms.replace('farms', 'acres');
    assert.equal((await api.send('GET', acres)).code, 404);
    await api.send('DELETE', `${definitions}/farms.example.com`);
    await eventually('change', 10_000, async () => {
      assert.equal((await api.send('GET', acres)).code, 200);
    });
  });

  it('deletes the objects with their definition, after their finalizers', async () => {
    await api.send(
      'POST',
      farms,
      buildFarm('held', {}, { metadata: { name: 'held', finalizers: ['x.io/hold'] } }),
    );
    await api.send('POST', farms, buildFarm('free'));
    await api.send('DELETE', `${definitions}/farms.example.com`);
    await eventually('change', 10_000, async () => {
      const { body } = await api.send('GET', farms);
      assert.deepEqual(
        body.items.map(({ metadata }) => metadata.name),
        ['held'],
      );
    });
    const { body } = await api.send('GET', `${definitions}/farms.example.com`);
    const { conditions } = body.status as { conditions: { type: string; status: string; reason: string }[] };
    const terminating = conditions.find(({ type }) => type === 'Terminating');
    assert.deepEqual([terminating?.status, terminating?.reason], ['True', 'InstanceDeletionInProgress']);
    const refused = await api.send('POST', farms, buildFarm('late'));
    assert.equal(refused.code, 405);
    await api.send('PATCH', `${farms}/held`, { metadata: { finalizers: null } }, mergePatch);
    await eventually('change', 10_000, async () => {
      assert.equal((await api.send('GET', `${definitions}/farms.example.com`)).code, 404);
    });
  });

  it('lets the finalizers of a namespace be cleared in one place only', async () => {
    const namespaces = '/api/v1/namespaces';
    const { body } = await api.send('POST', namespaces, { metadata: { name: 'shop' } });
    const cleared = { ...body, spec: { finalizers: [] } };
    const ignored = await api.send('PUT', `${namespaces}/shop`, cleared);
    assert.deepEqual(ignored.body.spec, { finalizers: ['kubernetes'] });
    const finalized = await api.send('PUT', `${namespaces}/shop/finalize`, cleared);
    assert.deepEqual([finalized.code, finalized.body.spec], [200, { finalizers: [] }]);
    assert.equal((await api.send('DELETE', `${namespaces}/shop`)).code, 200);
    await eventually('change', 10_000, async () => {
      assert.equal((await api.send('GET', `${namespaces}/shop`)).code, 404);
    });
  });
});
