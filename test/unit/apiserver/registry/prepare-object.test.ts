import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { createObjectCodec } from '../../../../src/apiserver/registry/object-codec.ts';
import {
  checkEnvelope,
  generateName,
  prepareCreate,
  prepareUpdate,
} from '../../../../src/apiserver/registry/prepare-object.ts';
import type { ResourceKind } from '../../../../src/apiserver/registry/resource-kind.ts';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import type { ServedKind } from '../../../../src/apiserver/schema/served-kind.ts';
import { createTabulator } from '../../../../src/apiserver/table/table.ts';
import { buildKind } from '../../../support/build-kind.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;

function buildResourceKind(differences: Partial<ServedKind> = {}): ResourceKind {
  const schema = { type: 'object', properties: { spec: open, status: open } } as const;
  const served = buildKind({ schema, ...differences });
  const kindSchema = compileKindSchema(served);
  return {
    ...{ served, schema: kindSchema, prefix: '/registry/x.io/foos/', apiVersion: 'x.io/v1' },
    codec: createObjectCodec(kindSchema, { apiVersion: 'x.io/v1', storedApiVersion: 'x.io/v1' }),
    tabulator: createTabulator(served),
    rules: { canCreateOnUpdate: false, canUpdateUnconditionally: false },
  };
}

const stored = {
  apiVersion: 'x.io/v1',
  kind: 'Foo',
  metadata: {
    ...{ name: 'a', namespace: 'default', uid: 'u', resourceVersion: '5', generation: 3 },
    creationTimestamp: '2025-01-01T00:00:00Z',
  },
  spec: { size: 1 },
  status: { state: 'Good' },
};

describe('apiserver/registry/prepare-object', () => {
  it('fills in what only the server knows, and drops what a client claims about it', () => {
    const input = {
      ...stored,
      metadata: {
        ...stored.metadata,
        deletionTimestamp: 'x',
        managedFields: [],
        selfLink: '/',
        labels: { l: '1' },
      },
    };
    const { object } = prepareCreate(buildResourceKind(), input, { name: 'b', namespace: 'n' }, now);
    const { uid, ...metadata } = object['metadata'] as Record<string, unknown>;
    assert.match(String(uid), /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      [metadata, object['status']],
      [
        {
          name: 'b',
          namespace: 'n',
          generation: 1,
          creationTimestamp: '2026-01-01T00:00:00Z',
          labels: { l: '1' },
        },
        undefined,
      ],
    );
  });

  const updates = [
    {
      name: 'counts a change of the spec',
      input: { ...stored, spec: { size: 2 } },
      want: [4, { size: 2 }, 'Good'],
    },
    {
      name: 'counts no change of labels',
      input: { ...stored, metadata: { ...stored.metadata, generation: 9, labels: { a: 'b' } } },
      want: [3, { size: 1 }, 'Good'],
    },
    {
      name: 'keeps the status',
      input: { ...stored, status: { state: 'Bad' } },
      want: [3, { size: 1 }, 'Good'],
    },
    {
      name: 'changes nothing but the status through its sub-resource',
      input: { ...stored, spec: { size: 2 }, status: { state: 'Bad' } },
      subresource: 'status' as const,
      want: [3, { size: 1 }, 'Bad'],
    },
    {
      name: 'treats status as any field without the sub-resource',
      kind: buildResourceKind({ statusSubresource: false }),
      input: { ...stored, status: { state: 'Bad' } },
      want: [4, { size: 1 }, 'Bad'],
    },
  ];
  for (const { name, input, subresource, kind = buildResourceKind(), want } of updates) {
    it(name, () => {
      const { object } = prepareUpdate(kind, input, stored, subresource);
      const { metadata, spec, status } = object as typeof stored;
      assert.deepEqual([metadata.generation, spec, status.state], want);
      assert.deepEqual([metadata.uid, metadata.creationTimestamp], ['u', '2025-01-01T00:00:00Z']);
    });
  }

  const envelopes = [
    { name: 'a missing kind', object: { apiVersion: 'x.io/v1' }, want: 400 },
    { name: 'another version', object: { apiVersion: 'v1', kind: 'Foo' }, want: 400 },
    { name: 'another kind', object: { apiVersion: 'x.io/v1', kind: 'Bar' }, want: 422 },
    { name: 'metadata that is a text', object: { ...stored, metadata: 'x' }, want: 400 },
    { name: 'a name that is a number', object: { ...stored, metadata: { name: 7 } }, want: 400 },
  ];
  for (const { name, object, want } of envelopes) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => checkEnvelope(buildResourceKind(), object),
        (error) => isApiError(error) && error.code === want,
      );
    });
  }

  it('fills in the type of a built-in kind', () => {
    const { apiVersion, kind } = checkEnvelope(buildResourceKind({ builtIn: true }), {});
    assert.deepEqual([apiVersion, kind], ['x.io/v1', 'Foo']);
  });

  it('generates names that fit', () => {
    assert.match(generateName('web-'), /^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(generateName('x'.repeat(80)).length, 63);
  });
});
