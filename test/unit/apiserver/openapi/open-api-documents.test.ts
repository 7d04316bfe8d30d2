import assert from 'node:assert/strict';
import { createOpenApiDocuments } from '../../../../src/apiserver/openapi/open-api-documents.ts';
import { builtInKinds } from '../../../../src/apiserver/schema/builtin/built-in-kinds.ts';
import type { ServedKind } from '../../../../src/apiserver/schema/served-kind.ts';
import { buildKind } from '../../../support/build-kind.ts';

type Json = Record<string, unknown>;

const foo = buildKind({
  selectableFields: ['spec.tier'],
  scaleSubresource: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' },
  schema: {
    type: 'object',
    properties: {
      metadata: { type: 'object', description: 'About the name.' },
      spec: {
        type: 'object',
        properties: {
          tier: { type: 'string', nullable: true, enum: ['a'], 'x-muster-served': ['a'] },
          size: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
          free: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { b: { type: 'string' } },
          },
        },
        oneOf: [{ required: ['tier'] }],
      },
    },
  },
});

function v3(kinds: readonly ServedKind[], path: string): Json {
  const document = createOpenApiDocuments(kinds).v3(path) ?? assert.fail(path);
  return JSON.parse(document.body.toString()) as Json;
}

function dig(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((found, key) => (found as Json | undefined)?.[key], value);
}

/** Every `$ref` of a document. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    key === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  );
}

describe('apiserver/openapi/open-api-documents', () => {
  const documents = createOpenApiDocuments([...builtInKinds, foo]);

  it('lists one document a group version, each with its hash', () => {
    const paths = documents.index()['paths'] as Record<string, { serverRelativeURL: string }>;
    assert.deepEqual(Object.keys(paths).toSorted(), [
      'api/v1',
      'apis/apiextensions.k8s.io/v1',
      'apis/coordination.k8s.io/v1',
      'apis/events.k8s.io/v1',
      'apis/rbac.authorization.k8s.io/v1',
      'apis/x.io/v1',
    ]);
    const hash = documents.v3('apis/x.io/v1')?.hash ?? '';
    assert.equal(paths['apis/x.io/v1']?.serverRelativeURL, `/openapi/v3/apis/x.io/v1?hash=${hash}`);
    assert.equal(documents.v3('apis/y.io/v1'), undefined);
  });

  it('says the same, with the same hash, for the same kinds', () => {
    assert.equal(createOpenApiDocuments([foo]).v3('apis/x.io/v1')?.hash, documents.v3('apis/x.io/v1')?.hash);
    const changed = createOpenApiDocuments([{ ...foo, shortNames: [], kind: 'Bar' }]).v3('apis/x.io/v1');
    assert.notEqual(changed?.hash, documents.v3('apis/x.io/v1')?.hash);
  });

  it('tells kubectl that the server validates fields, for Namespace too', () => {
    const item = dig(
      v3([foo], 'apis/x.io/v1'),
      'paths',
      '/apis/x.io/v1/namespaces/{namespace}/foos/{name}',
      'patch',
    );
    const namespace = dig(v3(builtInKinds, 'api/v1'), 'paths', '/api/v1/namespaces/{name}', 'patch');
    for (const [patch, kind] of [
      [item, { group: 'x.io', version: 'v1', kind: 'Foo' }],
      [namespace, { group: '', version: 'v1', kind: 'Namespace' }],
    ] as const) {
      assert.deepEqual(dig(patch, 'x-kubernetes-group-version-kind'), kind);
      const parameters = dig(patch, 'parameters') as { name: string; in: string }[];
      assert.ok(parameters.some(({ name, in: place }) => name === 'fieldValidation' && place === 'query'));
    }
  });

  it('describes every address of a kind', () => {
    const paths = dig(v3([foo], 'apis/x.io/v1'), 'paths') as Record<string, Json>;
    const item = '/apis/x.io/v1/namespaces/{namespace}/foos/{name}';
    const found = Object.entries(paths).map(([path, { parameters: _parameters, ...methods }]) => [
      path,
      Object.keys(methods),
    ]);
    assert.deepEqual(Object.fromEntries(found), {
      '/apis/x.io/v1/namespaces/{namespace}/foos': ['get', 'post', 'delete'],
      '/apis/x.io/v1/foos': ['get'],
      [item]: ['get', 'put', 'patch', 'delete'],
      [`${item}/status`]: ['get', 'put', 'patch'],
      [`${item}/scale`]: ['get', 'put', 'patch'],
    });
    const scale = dig(paths, `${item}/scale`, 'get', 'x-kubernetes-group-version-kind');
    assert.deepEqual(scale, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  });

  it('gives every kind its type fields, its metadata and its extensions', () => {
    const schema = dig(v3([foo], 'apis/x.io/v1'), 'components', 'schemas', 'io.x.v1.Foo');
    assert.deepEqual(Object.keys(dig(schema, 'properties') as Json), [
      'apiVersion',
      'kind',
      'metadata',
      'spec',
    ]);
    assert.deepEqual(dig(schema, 'properties', 'metadata'), {
      description: 'About the name.',
      allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
    });
    assert.deepEqual(dig(schema, 'x-kubernetes-selectable-fields'), [{ fieldPath: 'spec.tier' }]);
    assert.deepEqual(dig(schema, 'x-kubernetes-group-version-kind'), [
      { group: 'x.io', version: 'v1', kind: 'Foo' },
    ]);
  });

  it('leaves out of v2 what v2 cannot say', () => {
    const document = JSON.parse(documents.v2().body.toString()) as Json;
    const spec = dig(document, 'definitions', 'io.x.v1.Foo', 'properties', 'spec');
    assert.deepEqual(spec, {
      type: 'object',
      properties: {
        tier: { type: 'string', enum: ['a'], 'x-muster-served': ['a'] },
        size: { 'x-kubernetes-int-or-string': true },
        free: { 'x-kubernetes-preserve-unknown-fields': true },
      },
    });
    assert.deepEqual(dig(document, 'definitions', 'io.x.v1.Foo', 'properties', 'metadata'), {
      description: 'About the name.',
      $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    });
  });

  it('points only to schemas that are there', () => {
    const all = [
      { document: JSON.parse(documents.v2().body.toString()) as Json, at: ['definitions'] },
      ...['api/v1', 'apis/x.io/v1', 'apis/rbac.authorization.k8s.io/v1'].map((path) => ({
        document: v3([...builtInKinds, foo], path),
        at: ['components', 'schemas'],
      })),
    ];
    for (const { document, at } of all) {
      const known = new Set(
        Object.keys(dig(document, ...at) as Json).map((name) => `#/${at.join('/')}/${name}`),
      );
      const references = referencesIn(document);
      assert.ok(references.length > 0);
      assert.deepEqual(
        references.filter((reference) => !known.has(reference)),
        [],
      );
    }
  });

  it('gives every operation a name of its own', () => {
    const document = JSON.parse(documents.v2().body.toString()) as Json;
    const ids = Object.values(dig(document, 'paths') as Record<string, Record<string, Json>>).flatMap(
      (methods) =>
        Object.values(methods)
          .map(({ operationId }) => operationId)
          .filter((id) => id !== undefined),
    );
    assert.equal(new Set(ids).size, ids.length);
  });
});
