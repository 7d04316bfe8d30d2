import assert from 'node:assert/strict';
import { builtInKinds } from '../../../../../src/apiserver/schema/builtin/built-in-kinds.ts';
import { reviewKinds } from '../../../../../src/apiserver/schema/builtin/reviews.ts';
import { checkStructural } from '../../../../../src/apiserver/schema/definition/structural-schema.ts';
import { compileKindSchema } from '../../../../../src/apiserver/schema/kind-schema.ts';
import type { OpenApiSchema } from '../../../../../src/apiserver/schema/open-api-schema.ts';

const metadata = { name: 'a', namespace: 'default' };
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' };

function check(
  kindName: string,
  object: object,
  stored?: object,
): { object: Record<string, unknown>; problems: string[] } {
  const kind = builtInKinds.find(({ kind }) => kind === kindName) ?? assert.fail(kindName);
  const schema = compileKindSchema(kind);
  const complete = { metadata: kind.namespaced ? metadata : { name: 'a' }, ...object };
  const { object: pruned, unknownFields } = schema.prune(complete);
  assert.deepEqual(unknownFields, []);
  const prepared = schema.applyDefaults(kind.prepare?.(pruned, undefined) ?? pruned);
  const before = stored === undefined ? undefined : { metadata, ...stored };
  const problems = schema
    .validate(prepared, before)
    .map(({ field, message }) => `${String(field)}: ${message}`);
  const { metadata: _metadata, ...rest } = prepared;
  return { object: rest, problems };
}

function undescribed(schema: OpenApiSchema, path: string): string[] {
  const children = Object.entries(schema.properties ?? {});
  return [
    ...(schema.description === undefined ? [path] : []),
    ...children.flatMap(([key, child]) => undescribed(child, `${path}.${key}`)),
    ...(schema.items?.properties === undefined ? [] : undescribed(schema.items, `${path}[]`)),
  ];
}

describe('apiserver/schema/builtin/built-in-kinds', () => {
  for (const { kind, schema } of [...builtInKinds, ...reviewKinds]) {
    it(`describes every field of ${kind} in a structural schema`, () => {
      assert.deepEqual(undescribed(schema, kind), []);
      assert.deepEqual(checkStructural(schema, kind), []);
    });
  }

  it('writes the stringData of a Secret into its data', () => {
    const { object, problems } = check('Secret', { data: { a: 'eA==' }, stringData: { b: 'y' } });
    assert.deepEqual([object, problems], [{ data: { a: 'eA==', b: 'eQ==' }, type: 'Opaque' }, []]);
  });

  const refused = [
    {
      kind: 'Secret',
      object: { data: { a: '%' } },
      want: 'data.a: Invalid value: "%": data.a in body must be of type byte: "%"',
    },
    {
      kind: 'Secret',
      object: { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
      want: 'data[tls.key]: Required value',
    },
    {
      kind: 'ConfigMap',
      object: { data: { a: 1 } },
      want: 'data.a: Invalid value: "integer": data.a in body must be of type string: "integer"',
    },
    {
      kind: 'ConfigMap',
      object: { data: { a: 'x' }, binaryData: { a: '' } },
      want: 'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    },
    {
      kind: 'Role',
      object: { rules: [{ verbs: [], apiGroups: [''], resources: ['x'] }] },
      want: 'rules[0].verbs: Required value: verbs must contain at least one value',
    },
    {
      kind: 'Role',
      object: { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] },
      want: 'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    },
    {
      kind: 'ClusterRole',
      object: { rules: [{ verbs: ['get'], apiGroups: [''] }] },
      want: 'rules[0].resources: Required value: resource rules must supply at least one resource',
    },
    {
      kind: 'ClusterRoleBinding',
      object: { roleRef },
      want: 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    },
    {
      kind: 'RoleBinding',
      object: { roleRef, subjects: [{ kind: 'ServiceAccount', name: 's' }] },
      want: 'subjects[0].namespace: Required value',
    },
  ];
  for (const { kind, object, want } of refused) {
    it(`refuses a ${kind} like ${JSON.stringify(object)}`, () =>
      assert.deepEqual(check(kind, object).problems, [want]));
  }

  it('refuses keys that are no file names, and too much data', () => {
    assert.match(
      check('ConfigMap', { data: { 'a b': '' } }).problems.join(),
      /^data\[a b\]: .*a valid config key must/u,
    );
    assert.match(
      check('ConfigMap', { data: { a: 'x'.repeat(1_048_577) } }).problems.join(),
      /Too long: may not be more than 1048576 bytes/u,
    );
  });

  it('keeps what cannot change', () => {
    const immutable = { immutable: true, data: { a: 'x' } };
    const rule = 'Forbidden: field is immutable when `immutable` is set';
    assert.deepEqual(check('ConfigMap', { data: { a: 'y' } }, immutable).problems, [
      `immutable: ${rule}`,
      `data: ${rule}`,
    ]);
    assert.deepEqual(check('Secret', { type: 'b' }, { type: 'a' }).problems, [
      'type: Invalid value: "b": field is immutable',
    ]);
    const changed = check('RoleBinding', { roleRef }, { roleRef: { ...roleRef, name: 'q' } }).problems;
    assert.match(changed.join(), /^roleRef: Invalid value: .*: cannot change roleRef$/u);
  });

  it('fills in the groups of a binding', () => {
    const { object } = check('RoleBinding', {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'u' }],
    });
    const apiGroup = 'rbac.authorization.k8s.io';
    assert.deepEqual(object, { roleRef, subjects: [{ kind: 'User', name: 'u', apiGroup }] });
  });

  it('accepts an Event as clients write it', () => {
    const event = {
      involvedObject: { kind: 'Instance', name: 'a', namespace: 'default' },
      firstTimestamp: null,
      source: {},
    };
    assert.deepEqual(check('Event', event), { object: event, problems: [] });
  });

  it('asks more of an Event of the new style, and lets only its series grow', () => {
    const event = {
      involvedObject: { kind: 'Instance', name: 'a', namespace: 'default' },
      eventTime: '2024-01-01T00:00:00Z',
      source: {},
    };
    assert.deepEqual(check('Event', event).problems, [
      'reportingController: Required value',
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
      'type: Invalid value: "": has invalid value: must be Normal or Warning',
    ]);
    const told = {
      reportingComponent: 'c',
      reportingInstance: 'c-1',
      action: 'Start',
      reason: 'Started',
      type: 'Normal',
    };
    const complete = { ...event, ...told };
    const { object, problems } = check('Event', complete);
    assert.deepEqual([object['eventTime'], problems], ['2024-01-01T00:00:00.000000Z', []]);
    const grown = { ...object, series: { count: 2, lastObservedTime: '2024-01-01T00:01:00.1Z' } };
    const { object: series, problems: none } = check('Event', grown, object);
    assert.deepEqual(
      [series['series'], none],
      [{ count: 2, lastObservedTime: '2024-01-01T00:01:00.100000Z' }, []],
    );
    assert.deepEqual(check('Event', { ...grown, reason: 'Other' }, object).problems, [
      'reason: Invalid value: "Other": field is immutable',
    ]);
  });

  it('keeps an Event where its object is', () => {
    const problems = (namespace?: string) =>
      check('Event', { involvedObject: { kind: 'Instance', name: 'a', namespace } }).problems;
    assert.deepEqual([problems('default'), problems()], [[], []]);
    assert.deepEqual(problems('shop'), [
      'involvedObject.namespace: Invalid value: "shop": does not match event.namespace',
    ]);
  });

  it('asks for a Lease that lasts', () => {
    assert.deepEqual(check('Lease', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }).problems, [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ]);
    const { object } = check('Lease', { spec: { renewTime: '2024-01-01T02:00:00.5+02:00' } });
    assert.deepEqual(object['spec'], { renewTime: '2024-01-01T00:00:00.500000Z' });
  });
});
