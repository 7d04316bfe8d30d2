import assert from 'node:assert/strict';
import { type TestBody, type TestClient, createTestClient } from '../../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';

const profiles = '/apis/muster.dev/v1alpha1/namespaces/default/profiles';
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const buildProfile = (name: string, more: object = {}) => ({
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Profile',
  metadata: { name },
  spec: { description: 'one' },
  ...more,
});

describe('apiserver objects over HTTPS', () => {
  let server: TestApiServer;
  let api: TestClient;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
  });
  after(async () => {
    await api.close();
    await server.close();
  });
  afterEach(async () => {
    await api.send('DELETE', profiles);
  });

  const create = async (name: string, more: object = {}) => {
    const { code, body } = await api.send('POST', profiles, buildProfile(name, more));
    assert.equal(code, 201);
    return body;
  };

  const refusals = [
    {
      name: 'an object that is absent',
      send: () => api.send('GET', `${profiles}/nope`),
      want: [404, 'NotFound', 'profiles.muster.dev "nope" not found'],
    },
    {
      name: 'an object in a namespace that is absent',
      send: () => api.send('POST', profiles.replace('default', 'nope'), buildProfile('a')),
      want: [404, 'NotFound', 'namespaces "nope" not found'],
    },
    {
      name: 'a namespace that is not the one of the path',
      send: () => api.send('POST', profiles, buildProfile('a', { metadata: { name: 'a', namespace: 'x' } })),
      want: [
        400,
        'BadRequest',
        'the namespace of the provided object does not match the namespace sent on the request',
      ],
    },
    {
      name: 'unknown fields in strict mode',
      send: () =>
        api.send('POST', `${profiles}?fieldValidation=Strict`, buildProfile('a', { spec: { bogus: 1 } })),
      want: [
        400,
        'BadRequest',
        'Profile in version "v1alpha1" cannot be handled as a Profile: strict decoding error: unknown field "spec.bogus"',
      ],
    },
    {
      name: 'a strategic merge patch of a custom resource',
      send: () =>
        api.send('PATCH', `${profiles}/a`, {}, { 'content-type': 'application/strategic-merge-patch+json' }),
      want: [
        415,
        'UnsupportedMediaType',
        'the body of the request was in an unknown format - accepted media types include: ' +
          'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      ],
    },
    {
      name: 'the deletion of a namespace that must stay',
      send: () => api.send('DELETE', '/api/v1/namespaces/default'),
      want: [403, 'Forbidden', 'namespaces "default" is forbidden: this namespace may not be deleted'],
    },
    {
      name: 'options that nobody knows',
      send: () => api.send('POST', `${profiles}?dryRun=Some`, buildProfile('a')),
      want: [
        422,
        'Invalid',
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
      ],
    },
    {
      name: 'an update of a whole collection',
      send: () => api.send('PUT', profiles, buildProfile('a')),
      want: [400, 'BadRequest', 'name must be provided'],
    },
  ];
  for (const { name, send, want } of refusals) {
    it(`refuses ${name}`, async () => {
      const { code, body } = await send();
      assert.deepEqual([code, body.reason, body.message], want);
      assert.deepEqual(
        [body.kind, body.apiVersion, body.status, body.code],
        ['Status', 'v1', 'Failure', code],
      );
    });
  }

  it('answers unknown resources and paths in plain text', async () => {
    const paths = [
      '/foo',
      '/apis/nope/v1',
      '/apis/muster.dev/v1alpha1/nopes',
      `${profiles.replace('/namespaces/default', '')}/a`,
    ];
    for (const path of paths) {
      const { code, text } = await api.send('GET', path);
      assert.deepEqual([path, code, text], [path, 404, '404 page not found\n']);
    }
  });

  it('refuses a second object of the same name, and a stale update', async () => {
    const { metadata } = await create('a');
    const again = await api.send('POST', profiles, buildProfile('a'));
    await api.send('PATCH', `${profiles}/a`, { spec: { description: 'two' } }, mergePatch);
    const stale = await api.send(
      'PUT',
      `${profiles}/a`,
      buildProfile('a', { metadata: { name: 'a', resourceVersion: metadata.resourceVersion } }),
    );
    const missing = await api.send('PUT', `${profiles}/a`, buildProfile('a'));
    assert.deepEqual(
      [again.body.reason, stale.body.reason, missing.code, missing.body.message],
      [
        'AlreadyExists',
        'Conflict',
        422,
        'profiles.muster.dev "a" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
      ],
    );
  });

  it('writes nothing when nothing changes', async () => {
    const { metadata } = await create('a');
    const revisions = [
      await api.send('PATCH', `${profiles}/a`, { spec: { description: 'one' } }, mergePatch),
      await api.send(
        'PATCH',
        `${profiles}/a`,
        [{ op: 'test', path: '/spec/description', value: 'one' }],
        jsonPatch,
      ),
      await api.send('PUT', `${profiles}/a`, buildProfile('a', { metadata })),
    ].map(({ body }) => body.metadata.resourceVersion);
    assert.deepEqual(revisions, Array(3).fill(metadata.resourceVersion));
  });

  it('treats a version inside a patch as a condition', async () => {
    const { metadata } = await create('a');
    const patch = (description: string) => ({
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: { description },
    });
    const first = await api.send('PATCH', `${profiles}/a`, patch('two'), mergePatch);
    const second = await api.send('PATCH', `${profiles}/a`, patch('three'), mergePatch);
    assert.deepEqual([first.code, second.code], [200, 409]);
  });

  it('lets concurrent patches without a version all win', async () => {
    await create('a');
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((label) =>
        api.send('PATCH', `${profiles}/a`, { metadata: { labels: { [label]: 'x' } } }, mergePatch),
      ),
    );
    const { body } = await api.send('GET', `${profiles}/a`);
    assert.deepEqual(
      [answers.map(({ code }) => code), Object.keys(body.metadata.labels).toSorted()],
      [
        [200, 200, 200, 200],
        ['a', 'b', 'c', 'd'],
      ],
    );
  });

  it('goes all the way in a dry run, and stores nothing', async () => {
    const created = await api.send('POST', `${profiles}?dryRun=All`, buildProfile('a'));
    const read = await api.send('GET', `${profiles}/a`);
    assert.deepEqual(
      [created.code, typeof created.body.metadata.uid, created.body.metadata.resourceVersion, read.code],
      [201, 'string', undefined, 404],
    );
  });

  it('keeps an object until its finalizers are gone', async () => {
    await create('a', { metadata: { name: 'a', finalizers: ['x.io/wait'] } });
    const marked = await api.send('DELETE', `${profiles}/a`);
    const added = await api.send(
      'PATCH',
      `${profiles}/a`,
      { metadata: { finalizers: ['x.io/wait', 'x.io/more'] } },
      mergePatch,
    );
    const released = await api.send('PATCH', `${profiles}/a`, { metadata: { finalizers: null } }, mergePatch);
    const read = await api.send('GET', `${profiles}/a`);
    assert.deepEqual(
      [
        marked.code,
        marked.body.kind,
        typeof marked.body.metadata.deletionTimestamp,
        marked.body.metadata.generation,
        added.code,
        released.code,
        read.code,
      ],
      [200, 'Profile', 'string', 2, 422, 200, 404],
    );
  });

  it('deletes only what the preconditions describe', async () => {
    const { metadata } = await create('a');
    const wrong = await api.send('DELETE', `${profiles}/a`, { preconditions: { uid: 'x' } });
    const right = await api.send('DELETE', `${profiles}/a`, { preconditions: { uid: metadata.uid } });
    assert.deepEqual(
      [wrong.code, wrong.body.details.kind, right.code, right.body.status],
      [409, 'Profile', 200, 'Success'],
    );
  });

  it('shows one snapshot on all pages of a list', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await api.send('GET', `${profiles}?limit=2`);
    await create('d');
    await api.send('DELETE', `${profiles}/c`);
    const second = await api.send('GET', `${profiles}?limit=2&continue=${first.body.metadata.continue}`);
    const names = (body: TestBody) => body.items.map(({ metadata }) => metadata.name);
    assert.deepEqual(
      [
        names(first.body),
        first.body.metadata.remainingItemCount,
        names(second.body),
        second.body.metadata.resourceVersion === first.body.metadata.resourceVersion,
      ],
      [['a', 'b'], 1, ['c'], true],
    );
  });

  it('offers the newest state when the snapshot of a list is gone', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await api.send('GET', `${profiles}?limit=2`);
    await create('d');
    server.store.compact(server.store.revision);
    const gone = await api.send('GET', `${profiles}?limit=2&continue=${first.body.metadata.continue}`);
    const rest = await api.send('GET', `${profiles}?continue=${gone.body.metadata.continue}`);
    assert.deepEqual([gone.code, gone.body.reason, rest.body.items.length], [410, 'Expired', 2]);
  });

  it('selects by labels and fields', async () => {
    await create('a', { metadata: { name: 'a', labels: { tier: 'web' } } });
    await create('b');
    const count = async (query: string) => (await api.send('GET', `${profiles}?${query}`)).body.items.length;
    assert.deepEqual(
      [
        await count('labelSelector=tier%20in%20(web,db)'),
        await count('labelSelector=!tier'),
        await count('fieldSelector=metadata.name%3Db'),
        (await api.send('GET', `${profiles}?fieldSelector=spec.description%3Dx`)).code,
      ],
      [1, 1, 1, 400],
    );
  });

  it('shows rows, and metadata only, to who asks for them', async () => {
    await create('a');
    const as = (shape: string) => ({
      accept: `application/json;as=${shape};v=v1;g=meta.k8s.io,application/json`,
    });
    const table = await api.send('GET', profiles, undefined, as('Table'));
    const metadata = await api.send('GET', profiles, undefined, as('PartialObjectMetadataList'));
    const none = await api.send('GET', profiles, undefined, { accept: 'text/html' });
    assert.deepEqual(
      [
        table.body.kind,
        table.body.rows[0]?.cells[0],
        metadata.body.items[0]?.kind,
        metadata.body.items[0]?.spec,
        none.code,
      ],
      ['Table', 'a', 'PartialObjectMetadata', undefined, 406],
    );
  });

  it('takes YAML and answers in it', async () => {
    const text = 'apiVersion: muster.dev/v1alpha1\nkind: Profile\nmetadata:\n  name: y\nspec: {}\n';
    const answer = await api.send('POST', profiles, text, {
      'content-type': 'application/yaml',
      accept: 'application/yaml',
    });
    assert.equal(answer.code, 201);
    assert.match(answer.text, /^kind: Profile$/m);
  });

  it('refuses bodies that are too large, and goes on', async () => {
    const large = await api.send('POST', profiles, `{"x":"${'x'.repeat(3 * 1024 * 1024)}"}`);
    const next = await api.send('GET', profiles);
    assert.deepEqual([large.code, next.code], [413, 200]);
  });

  it('fences the writes of a leader whose term is over', async () => {
    const fenced = await api.send('POST', profiles, buildProfile('a'), { 'muster-leader-term': '99' });
    const current = await api.send('POST', profiles, buildProfile('a'), { 'muster-leader-term': '1' });
    assert.deepEqual([fenced.code, fenced.body.reason, current.code], [409, 'Conflict', 201]);
  });
});
