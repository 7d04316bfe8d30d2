import assert from 'node:assert/strict';
import { type TestClient, type TestResponse, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { applyDefinition } from '../../support/apply-kind.ts';

const widgets = '/apis/example.com/v1/namespaces/default/widgets';
const widgetsV2 = '/apis/example.com/v2/namespaces/default/widgets';
const applyType = { 'content-type': 'application/apply-patch+yaml' };
const mergeType = { 'content-type': 'application/merge-patch+json' };
const jsonPatchType = { 'content-type': 'application/json-patch+json' };

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}

describe('apiserver server-side apply over HTTPS', () => {
  let server: TestApiServer;
  let api: TestClient;
  let count = 0;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    await api.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', applyDefinition);
  });
  after(async () => {
    await api.close();
    await server.close();
  });

  const newName = (): string => {
    count += 1;
    return `w${count}`;
  };
  const widget = (name: string, fields: object = {}, version = 'v1'): object => ({
    ...{ apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name }, ...fields },
  });
  const apply = (name: string, fields: object, query = 'fieldManager=m1'): Promise<TestResponse> =>
    api.send('PATCH', `${widgets}/${name}?${query}`, widget(name, fields), applyType);
  const owners = ({ body }: TestResponse): readonly Entry[] =>
    (body.metadata as unknown as { managedFields?: Entry[] }).managedFields ?? [];
  const briefly = (answer: TestResponse): string[] =>
    owners(answer).map(({ manager, operation, subresource = '' }) =>
      [manager, operation, subresource].filter((text) => text !== '').join(' '),
    );

  it('creates, changes, and writes nothing when there is nothing to do', async () => {
    const name = newName();
    const created = await apply(name, { spec: { tier: 'gold' } });
    const again = await apply(name, { spec: { tier: 'gold' } });
    const changed = await apply(name, { spec: { tier: 'silver' } });
    const { resourceVersion } = created.body.metadata;
    assert.deepEqual([created.code, again.code, changed.code], [201, 200, 200]);
    assert.equal(again.body.metadata.resourceVersion, resourceVersion);
    assert.deepEqual(again.body, created.body);
    assert.notEqual(changed.body.metadata.resourceVersion, resourceVersion);
    assert.deepEqual(
      [changed.body.spec, changed.body.metadata.generation],
      [{ tier: 'silver', replicas: 1 }, 2],
    );
  });

  it('takes YAML, and a name from the path', async () => {
    const body = 'apiVersion: example.com/v1\nkind: Widget\nspec:\n  tags: [a, b]\n';
    const answer = await api.send('PATCH', `${widgets}/${newName()}?fieldManager=m1`, body, applyType);
    assert.deepEqual([answer.code, answer.body.spec['tags']], [201, ['a', 'b']]);
  });

  it('answers a dry run as it would answer the real apply', async () => {
    const name = newName();
    const dryCreated = await apply(name, { spec: { tier: 'gold' } }, 'fieldManager=m1&dryRun=All');
    assert.deepEqual([dryCreated.code, dryCreated.body.metadata.resourceVersion], [201, undefined]);
    assert.equal((await api.send('GET', `${widgets}/${name}`)).code, 404);
    await apply(name, { spec: { tier: 'gold' } });
    const dry = await apply(name, { spec: { zone: 'z' } }, 'fieldManager=m1&dryRun=All');
    const real = await apply(name, { spec: { zone: 'z' } });
    assert.deepEqual(dry.body.spec, { zone: 'z', replicas: 1 });
    const withoutTime = (answer: TestResponse): unknown => ({
      ...answer.body,
      metadata: {
        ...answer.body.metadata,
        resourceVersion: '',
        managedFields: owners(answer).map((entry) => ({ ...entry, time: '' })),
      },
    });
    assert.deepEqual(withoutTime(dry), withoutTime(real));
  });

  it('refuses a conflict by name, and takes over by force', async () => {
    const name = newName();
    await apply(name, { spec: { tier: 'gold' } });
    const { code, body } = await apply(name, { spec: { tier: 'silver' } }, 'fieldManager=m2');
    assert.deepEqual(
      [code, body.reason, body.message, body.details.causes],
      [
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "m1": .spec.tier',
        [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.spec.tier' }],
      ],
    );
    const forced = await apply(name, { spec: { tier: 'silver' } }, 'fieldManager=m2&force=true');
    assert.deepEqual([forced.code, briefly(forced)], [200, ['m2 Apply']]);
  });

  const refusals = [
    { name: 'no field manager', query: '', want: [422, 'Invalid', /fieldManager: Required value/] },
    {
      name: 'managed fields in the body',
      fields: { metadata: { managedFields: [] } },
      want: [400, 'BadRequest', /metadata.managedFields must be nil/],
    },
    {
      name: 'an undeclared field',
      fields: { spec: { nope: 1 } },
      want: [
        400,
        'BadRequest',
        /failed to create typed patch object \(default\/\w+; example.com\/v1, Kind=Widget\): .spec.nope: field not declared in schema/,
      ],
    },
    {
      name: 'an item twice',
      fields: { spec: { ports: [{ name: 'h' }, { name: 'h', proto: 'TCP' }] } },
      want: [400, 'BadRequest', /.spec.ports: duplicate entries for key \[name="h",proto="TCP"\]/],
    },
    {
      name: 'an item without its key',
      fields: { spec: { ports: [{ port: 1 }] } },
      want: [
        400,
        'BadRequest',
        /.spec.ports: element 0: associative list with keys has an element that omits key field "name"/,
      ],
    },
    {
      name: 'a wrong shape',
      fields: { spec: { ports: 'x' } },
      want: [400, 'BadRequest', /.spec.ports: expected list, got "x"/],
    },
    {
      name: 'a null where none may be',
      fields: { spec: { zone: null } },
      want: [422, 'Invalid', /spec.zone in body must be of type string: "null"/],
    },
    {
      name: 'an invalid value',
      fields: { spec: { tier: 'much too long' } },
      want: [422, 'Invalid', /spec.tier: Too long: may not be more than 10 bytes/],
    },
    {
      name: 'a name that is not the one of the path',
      fields: { metadata: { name: 'zz' } },
      want: [400, 'BadRequest', /the name of the object \(zz\) does not match/],
    },
    {
      name: 'another version',
      fields: { apiVersion: 'example.com/v2' },
      want: [400, 'BadRequest', /the API version in the data \(example.com\/v2\) does not match/],
    },
    {
      name: 'no type',
      fields: { apiVersion: '', kind: '' },
      want: [400, 'BadRequest', /invalid object type: \/, Kind=/],
    },
    {
      name: 'a uid of nothing',
      fields: { metadata: { uid: 'xx' } },
      want: [422, 'Invalid', /metadata.uid: Invalid value: "xx": field is immutable/],
    },
  ] as const;
  for (const { name, want, ...given } of refusals) {
    it(`refuses ${name}`, async () => {
      const { query = 'fieldManager=m1', fields = {} } = given as { query?: string; fields?: object };
      const { code, body } = await apply(newName(), fields, query);
      assert.deepEqual([code, body.reason], want.slice(0, 2));
      assert.match(body.message, want[2]);
    });
  }

  it('refuses repeated keys when the client is strict, and warns otherwise', async () => {
    const name = newName();
    const body = `{"apiVersion":"example.com/v1","kind":"Widget","spec":{"tier":"a","tier":"b"}}`;
    const path = `${widgets}/${name}?fieldManager=m1`;
    const strict = await api.send('PATCH', `${path}&fieldValidation=Strict`, body, applyType);
    assert.deepEqual([strict.code, /duplicate field "spec.tier"/.test(strict.body.message)], [400, true]);
    const warned = await api.send('PATCH', path, body, applyType);
    assert.deepEqual([warned.code, /duplicate field/.test(String(warned.headers['warning']))], [201, true]);
  });

  it('holds to a resourceVersion and a uid that are given, and ignores the version of what is absent', async () => {
    const name = newName();
    const metadata = (fields: object): object => ({ metadata: { name, ...fields }, spec: { zone: 'b' } });
    const created = await apply(name, { ...metadata({ resourceVersion: '7' }), spec: { zone: 'a' } });
    const stale = await apply(name, metadata({ resourceVersion: '1' }));
    const foreign = await apply(name, metadata({ uid: 'xx' }));
    const { resourceVersion, uid } = created.body.metadata;
    const right = await apply(name, metadata({ resourceVersion, uid }));
    assert.deepEqual([created.code, stale.code, foreign.code, right.code], [201, 409, 422, 200]);
  });

  it('keeps the managers of sub-resources apart', async () => {
    const name = newName();
    const absent = await api.send(
      'PATCH',
      `${widgets}/${name}/status?fieldManager=s`,
      widget(name),
      applyType,
    );
    assert.equal(absent.code, 404);
    const created = await apply(name, { spec: { tier: 'gold' }, status: { phase: 'Mine' } });
    assert.deepEqual([created.body.status, briefly(created)], [undefined, ['m1 Apply']]);
    const content = {
      spec: { tier: 'x' },
      status: { phase: 'Up', conditions: [{ type: 'A', status: 'True' }] },
    };
    const status = await api.send(
      'PATCH',
      `${widgets}/${name}/status?fieldManager=m1`,
      widget(name, content),
      applyType,
    );
    assert.deepEqual([status.body.spec['tier'], briefly(status)], ['gold', ['m1 Apply', 'm1 Apply status']]);
    const other = { status: { conditions: [{ type: 'B', status: 'True' }], phase: 'Down' } };
    const path = `${widgets}/${name}/status?fieldManager=m2`;
    const refused = await api.send('PATCH', path, widget(name, other), applyType);
    assert.match(refused.body.message, /conflict with "m1" with subresource "status": .status.phase/);
    await api.send('PATCH', `${widgets}/${name}/status`, { status: { phase: 'Off' } }, mergeType);
    const last = await api.send('GET', `${widgets}/${name}`);
    assert.deepEqual(briefly(last), ['m1 Apply', 'm1 Apply status', 'unknown Update status']);
  });

  it('scales under names of its own', async () => {
    const name = newName();
    await apply(name, { spec: { tier: 'a', replicas: 2 } });
    const scale = `${widgets}/${name}/scale`;
    await api.send('PATCH', `${scale}?fieldManager=hpa`, { spec: { replicas: 3 } }, mergeType);
    assert.deepEqual(briefly(await api.send('GET', `${widgets}/${name}`)), ['m1 Apply', 'hpa Update scale']);
    const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 4 } };
    const refused = await api.send('PATCH', `${scale}?fieldManager=m2`, body, applyType);
    assert.match(
      refused.body.message,
      /conflict with "hpa" with subresource "scale" using .*: .spec.replicas/,
    );
    const forced = await api.send('PATCH', `${scale}?fieldManager=m2&force=true`, body, applyType);
    assert.deepEqual([forced.body.kind, forced.body.spec], ['Scale', { replicas: 4 }]);
    const scaled = await api.send('GET', `${widgets}/${name}`);
    assert.deepEqual(
      [scaled.body.spec, briefly(scaled)],
      [{ tier: 'a', replicas: 4 }, ['m1 Apply', 'm2 Apply scale']],
    );
    const wrong = { ...body, spec: { copies: 1 } };
    const unknown = await api.send('PATCH', `${scale}?fieldManager=m2`, wrong, applyType);
    assert.deepEqual([unknown.code, /field not declared in schema/.test(unknown.body.message)], [400, true]);
  });

  it('records other writes under the given name, or the name of the program', async () => {
    const name = newName();
    const agent = { 'user-agent': 'kubectl/v1.32.3 (linux/amd64)' };
    await api.send('POST', widgets, widget(name, { spec: { tier: 'a' } }), agent);
    const path = `${widgets}/${name}`;
    await api.send(
      'PATCH',
      `${path}?fieldManager=editor`,
      { spec: { tier: 'b' } },
      { ...mergeType, ...agent },
    );
    const unchanged = await api.send(
      'PATCH',
      `${path}?fieldManager=late`,
      { spec: { tier: 'b' } },
      mergeType,
    );
    assert.deepEqual(briefly(unchanged), ['editor Update', 'kubectl Update']);
    assert.deepEqual(owners(unchanged)[0]?.fieldsV1, { 'f:spec': { 'f:tier': {} } });
    const live = await api.send('GET', path);
    const put = await api.send('PUT', `${path}?fieldManager=put`, {
      ...live.body,
      metadata: { ...live.body.metadata, managedFields: [] },
      spec: { tier: 'b', zone: 'z' },
    });
    assert.deepEqual(briefly(put), ['editor Update', 'kubectl Update', 'put Update']);
  });

  it('lets a client rewrite who owns what, under a precondition', async () => {
    const name = newName();
    const created = await apply(name, { spec: { tier: 'a' } });
    const entries = owners(created).map((entry) => ({ ...entry, manager: 'm9' }));
    const patch = (resourceVersion: string): object[] => [
      { op: 'replace', path: '/metadata/managedFields', value: entries },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ];
    const send = (body: object): Promise<TestResponse> =>
      api.send('PATCH', `${widgets}/${name}`, body, jsonPatchType);
    assert.equal((await send(patch('1'))).code, 409);
    const replaced = await send(patch(created.body.metadata.resourceVersion));
    assert.deepEqual([replaced.code, briefly(replaced)], [200, ['m9 Apply']]);
    const reset = await send([{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]);
    assert.deepEqual([reset.code, owners(reset)], [200, []]);
    const edited = await api.send('PATCH', `${widgets}/${name}`, { spec: { tier: 'b' } }, mergeType);
    assert.deepEqual(owners(edited), []);
    const conflict = await apply(name, { spec: { tier: 'c' } });
    assert.match(
      conflict.body.message,
      /conflict with "before-first-apply" using example.com\/v1: .spec.tier/,
    );
    const applied = await apply(name, { spec: { tier: 'b' } });
    assert.deepEqual(briefly(applied), ['m1 Apply', 'before-first-apply Update']);
    const emptied = await send([{ op: 'replace', path: '/metadata/managedFields', value: [] }]);
    assert.deepEqual(owners(emptied), []);
  });

  it('puts the oldest of many editors together', async () => {
    const name = newName();
    await api.send('POST', `${widgets}?fieldManager=creator`, widget(name, { spec: { zone: 'z' } }));
    for (let editor = 0; editor < 12; editor += 1) {
      const labels = { [`label-${editor}`]: 'x' };
      await api.send(
        'PATCH',
        `${widgets}/${name}?fieldManager=editor-${editor}`,
        { metadata: { labels } },
        mergeType,
      );
    }
    const answer = await api.send('GET', `${widgets}/${name}`);
    assert.equal(owners(answer).length, 10);
    assert.ok(briefly(answer).includes('ancient-changes Update'));
  });

  it('follows a manager into another version of the kind', async () => {
    const name = newName();
    await apply(name, { spec: { tier: 'a', zone: 'z' } });
    const body = widget(name, { spec: { tier: 'a' } }, 'v2');
    const moved = await api.send('PATCH', `${widgetsV2}/${name}?fieldManager=m1`, body, applyType);
    assert.deepEqual([moved.body.spec, briefly(moved)], [{ tier: 'a', replicas: 1 }, ['m1 Apply']]);
    assert.equal(owners(moved)[0]?.apiVersion, 'example.com/v2');
    const refused = await apply(name, { spec: { tier: 'b' } }, 'fieldManager=m2');
    assert.match(refused.body.message, /conflict with "m1": .spec.tier/);
    await api.send('PATCH', `${widgets}/${name}?fieldManager=u`, { spec: { tier: 'c' } }, mergeType);
    const later = await api.send('GET', `${widgets}/${name}`);
    assert.deepEqual(briefly(later), ['u Update']);
  });

  it('applies built-in kinds by their own types', async () => {
    const path = '/api/v1/namespaces/default/configmaps/settings';
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
    const ownerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u-1' };
    const first = { ...map, data: { a: '1' }, metadata: { ...map.metadata, finalizers: ['x.io/a'] } };
    await api.send('PATCH', `${path}?fieldManager=m1`, first, applyType);
    const second = {
      ...map,
      data: { b: '2' },
      metadata: { ...map.metadata, finalizers: ['x.io/b'], ownerReferences: [ownerReference] },
    };
    const answer = await api.send('PATCH', `${path}?fieldManager=m2`, second, applyType);
    assert.deepEqual(answer.body.data, { a: '1', b: '2' });
    const entry = owners(answer).find(({ manager }) => manager === 'm2');
    assert.deepEqual(entry?.fieldsV1, {
      'f:data': { 'f:b': {} },
      'f:metadata': {
        'f:finalizers': { 'v:"x.io/b"': {} },
        'f:ownerReferences': { 'k:{"uid":"u-1"}': {} },
      },
    });
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
    };
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }];
    const rolePath = '/apis/rbac.authorization.k8s.io/v1/clusterroles/reader?fieldManager=m1';
    const applied = await api.send('PATCH', rolePath, { ...role, rules }, applyType);
    assert.deepEqual(owners(applied)[0]?.fieldsV1, { 'f:rules': {} });
  });

  it('needs the right to create for an apply that creates', async () => {
    const tls = await server.tlsFor('ann');
    const ann = createTestClient(server.url, tls);
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
    const rules = [{ verbs: ['patch'], apiGroups: ['example.com'], resources: ['widgets'] }];
    await api.send('POST', `${rbac}/roles`, { metadata: { name: 'patcher' }, rules });
    await api.send('POST', `${rbac}/rolebindings`, {
      metadata: { name: 'ann' },
      subjects: [{ kind: 'User', name: 'ann' }],
      roleRef: { kind: 'Role', name: 'patcher' },
    });
    const name = newName();
    const send = (): Promise<TestResponse> =>
      ann.send('PATCH', `${widgets}/${name}?fieldManager=ann`, widget(name), applyType);
    const refused = await send();
    await apply(name, {});
    const allowed = await send();
    await ann.close();
    assert.deepEqual([refused.code, allowed.code], [403, 200]);
  });
});
