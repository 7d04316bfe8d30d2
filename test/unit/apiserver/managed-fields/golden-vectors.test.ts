import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import type { JsonObject } from '../../../../src/apiserver/schema/json-object.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';
import { createApplyBench } from '../../../support/apply-bench.ts';

// What a real Kubernetes API server answered to the same steps on the same schema.

const text: OpenApiSchema = { type: 'string' };
const schema: OpenApiSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        tier: text,
        replicas: { type: 'integer', default: 1 },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name', 'proto'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: text, proto: { ...text, default: 'TCP' }, port: { type: 'integer' } },
          },
        },
        tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
        cmd: { type: 'array', items: text },
        atomic: { type: 'object', additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
        blob: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        note: { ...text, nullable: true },
        devices: { type: 'object', additionalProperties: { type: 'object', properties: { mtu: text } } },
      },
    },
    status: { type: 'object', properties: { phase: text } },
  },
};
const port = (name: string): JsonObject => ({ name });
const tcp = (name: string): string => `k:{"name":"${name}","proto":"TCP"}`;
const bench = (): ReturnType<typeof createApplyBench> => createApplyBench(schema);
const conflictsOf = (action: () => void): string[] => {
  try {
    action();
  } catch (error) {
    assert.ok(isApiError(error, 'Conflict'));
    return (error.status.details?.causes ?? []).map(({ field = '', message }) => `${field}: ${message}`);
  }
  return [];
};
const setSpec =
  (fields: JsonObject) =>
  (object: JsonObject): JsonObject => ({ ...object, spec: { ...(object['spec'] as JsonObject), ...fields } });
const specOf = ({ object }: ReturnType<typeof createApplyBench>): JsonObject => object['spec'] as JsonObject;

describe('apiserver/managed-fields golden vectors', () => {
  it('records what an applier wrote, and a parent only when it is empty', () => {
    const made = bench();
    const ports = [{ name: 'h', port: 80 }];
    made.apply('m1', { spec: { tier: 'gold', ports, tags: ['x'], cmd: ['a'], atomic: { a: '1' } } });
    assert.deepEqual(made.fieldsOf('m1'), {
      'f:spec': {
        'f:tier': {},
        'f:ports': { [tcp('h')]: { '.': {}, 'f:name': {}, 'f:port': {} } },
        'f:tags': { 'v:"x"': {} },
        'f:cmd': {},
        'f:atomic': {},
      },
    });
    made.apply('m2', { spec: {} });
    assert.deepEqual(made.fieldsOf('m2'), { 'f:spec': {} });
  });

  it('records what an update added, with the parents and the defaults', () => {
    const made = bench();
    made.update('u', () => ({ metadata: { labels: { a: '1' } }, spec: { ports: [port('h')] } }));
    assert.deepEqual(made.fieldsOf('u'), {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        '.': {},
        'f:ports': { '.': {}, [tcp('h')]: { '.': {}, 'f:name': {}, 'f:proto': {} } },
        'f:replicas': {},
      },
    });
  });

  it('gives defaulted fields to nobody when an applier creates', () => {
    const made = bench();
    made.apply('m1', { spec: { tier: 'gold' } });
    assert.deepEqual(
      [specOf(made), made.fieldsOf('m1')],
      [{ tier: 'gold', replicas: 1 }, { 'f:spec': { 'f:tier': {} } }],
    );
  });

  it('shares list items between appliers, and drops what its last owner drops', () => {
    const made = bench();
    made.apply('m1', { spec: { tier: 'gold', ports: ['a', 'b', 'c'].map(port) } });
    made.apply('m2', { spec: { ports: ['c', 'x', 'a'].map(port) } });
    const names = (): unknown[] => (specOf(made)['ports'] as JsonObject[]).map(({ name }) => name);
    assert.deepEqual(names(), ['b', 'c', 'x', 'a']);
    made.apply('m1', { spec: { ports: [port('b')] } });
    assert.deepEqual(names().toSorted(), ['a', 'b', 'c', 'x']);
    assert.deepEqual(Object.keys((made.fieldsOf('m1')?.['f:spec'] as JsonObject)['f:ports'] as object), [
      tcp('b'),
    ]);
    assert.equal(specOf(made)['tier'], undefined);
    made.apply('m2', { spec: { ports: [] } });
    assert.deepEqual([names(), made.fieldsOf('m2')], [['b'], undefined]);
  });

  it('keeps what an update took over, and an emptied map that somebody else made', () => {
    const made = bench();
    made.apply('m1', { metadata: { labels: { a: '1', b: '2' } } });
    made.update('u', (object) => ({ ...object, metadata: { labels: { a: '9', b: '2' } } }));
    made.apply('m1', { metadata: { labels: { b: '2' } } });
    assert.deepEqual(made.object['metadata'], { name: 'a1', labels: { a: '9', b: '2' } });
    made.apply('m1', {});
    assert.deepEqual(made.object['metadata'], { name: 'a1', labels: { a: '9' } });
    made.update('u', (object) => ({ ...object, metadata: { labels: {} } }));
    assert.deepEqual(made.object['metadata'], { name: 'a1', labels: {} });
  });

  it('fills a default in again when its applier lets go', () => {
    const made = bench();
    made.apply('m1', { spec: { tier: 'gold' } });
    made.apply('m2', { spec: { replicas: 1 } });
    made.apply('m2', { spec: { replicas: 5 } });
    assert.equal(specOf(made)['replicas'], 5);
    made.apply('m2', { spec: {} });
    assert.deepEqual([specOf(made)['replicas'], made.fieldsOf('m2')], [1, { 'f:spec': {} }]);
  });

  it('keeps what the creator owns when an applier that shared it lets go', () => {
    const made = bench();
    made.update('c', () => ({ spec: { replicas: 3 } }));
    made.apply('m1', { spec: { replicas: 3 } });
    made.apply('m1', { spec: {} });
    assert.equal(specOf(made)['replicas'], 3);
  });

  it('replaces atomic maps as a whole, and only by force', () => {
    const made = bench();
    made.update('c', () => ({ spec: { atomic: { a: '1' } } }));
    const apply = { spec: { atomic: { b: '2' } } };
    assert.deepEqual(
      conflictsOf(() => made.apply('m1', apply)),
      ['.spec.atomic: conflict with "c" using x.io/v1'],
    );
    made.apply('m1', apply, { force: true });
    assert.deepEqual(specOf(made)['atomic'], { b: '2' });
    assert.equal(JSON.stringify(made.fieldsOf('c')).includes('f:atomic'), false);
  });

  it('deduces types where the schema has none: maps merge, lists are atomic', () => {
    const made = bench();
    made.apply('m1', { spec: { blob: { x: { y: 1 }, l: [1, 2] } } });
    const apply = { spec: { blob: { x: { w: 2 }, l: [3] } } };
    assert.deepEqual(
      conflictsOf(() => made.apply('m2', apply)),
      ['.spec.blob.l: conflict with "m1"'],
    );
    made.apply('m2', apply, { force: true });
    assert.deepEqual(specOf(made)['blob'], { x: { y: 1, w: 2 }, l: [3] });
    made.apply('m1', { spec: {} });
    assert.deepEqual(specOf(made)['blob'], { x: { w: 2 }, l: [3] });
    made.apply('m2', { spec: { blob: { x: { w: 2 } } } });
    assert.deepEqual(specOf(made)['blob'], { x: { w: 2 } });
  });

  it('keeps and owns a null where the schema allows it', () => {
    const made = bench();
    made.apply('m1', { spec: { note: null } });
    assert.deepEqual([specOf(made)['note'], made.fieldsOf('m1')], [null, { 'f:spec': { 'f:note': {} } }]);
  });

  it('owns the keys that a writer chose, and takes them away whole', () => {
    const made = bench();
    made.apply('m1', { spec: { tier: 'x', devices: { eth0: { mtu: '1500' } } } });
    assert.deepEqual(made.fieldsOf('m1'), {
      'f:spec': { 'f:tier': {}, 'f:devices': { 'f:eth0': { '.': {}, 'f:mtu': {} } } },
    });
    made.update('u', (object) => setSpec({ devices: { eth0: { mtu: '9000' } } })(object));
    made.apply('m1', { spec: { tier: 'x' } });
    assert.deepEqual(specOf(made), { tier: 'x', replicas: 1 });
    assert.equal(made.fieldsOf('u'), undefined);
  });

  it('names every conflict and every owner', () => {
    const made = bench();
    made.apply('m1', { spec: { ports: [{ name: 'h', port: 80 }], tier: 'gold', tags: ['t'] } });
    made.update('u', setSpec({ note: 'n' }));
    const apply = { spec: { ports: [{ name: 'h', port: 81 }], tier: 'silver', note: 'm', tags: ['t'] } };
    const want = [
      '.spec.ports[name="h",proto="TCP"].port: conflict with "m1"',
      '.spec.tier: conflict with "m1"',
      '.spec.note: conflict with "u" using x.io/v1',
    ];
    assert.deepEqual(
      conflictsOf(() => made.apply('m2', apply)),
      want,
    );
    assert.throws(() => made.apply('m2', apply), {
      message:
        'Apply failed with 3 conflicts: conflicts with "m1":\n' +
        '- .spec.ports[name="h",proto="TCP"].port\n- .spec.tier\n' +
        'conflicts with "u" using x.io/v1:\n- .spec.note',
    });
    assert.throws(() => made.apply('m2', { spec: { tier: 'silver' } }), {
      message: 'Apply failed with 1 conflict: conflict with "m1": .spec.tier',
    });
  });

  it('gives what was there before the first apply a name of its own', () => {
    const made = bench();
    made.update('u', () => ({ spec: { tier: 'gold' } }));
    made.update('u', (object) => object, [{}]);
    assert.deepEqual(made.managedFields, []);
    made.update('v', setSpec({ note: 'untracked' }));
    assert.deepEqual(made.managedFields, []);
    assert.deepEqual(
      conflictsOf(() => made.apply('m1', { spec: { tier: 'silver' } })),
      ['.spec.tier: conflict with "before-first-apply" using x.io/v1'],
    );
  });
});
