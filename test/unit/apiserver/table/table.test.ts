import assert from 'node:assert/strict';
import { builtInKinds } from '../../../../src/apiserver/schema/builtin/built-in-kinds.ts';
import type { ServedKind } from '../../../../src/apiserver/schema/served-kind.ts';
import { createTabulator, parseIncludeObject } from '../../../../src/apiserver/table/table.ts';
import { buildKind } from '../../../support/build-kind.ts';

const request = { includeObject: 'None', apiVersion: 'meta.k8s.io/v1', now: 60_000 } as const;
const metadata = { name: 'a', resourceVersion: '7', creationTimestamp: '1970-01-01T00:00:30Z' };

function cellsOf(kind: ServedKind, object: Record<string, unknown>): unknown {
  const table = createTabulator(kind).table([object], {}, request);
  return (table['rows'] as { cells: unknown[] }[])[0]?.cells;
}

describe('apiserver/table/table', () => {
  it('shows name and age where a kind declares no columns', () => {
    const table = createTabulator(buildKind({})).table([{ metadata }], { resourceVersion: '9' }, request);
    const heads = (table['columnDefinitions'] as { name: string; type: string; format: string }[]).map(
      ({ name, type, format }) => [name, type, format],
    );
    assert.deepEqual(heads, [
      ['Name', 'string', 'name'],
      ['Age', 'date', ''],
    ]);
    assert.deepEqual(table['rows'], [{ cells: ['a', '30s'], object: null }]);
    assert.deepEqual(table['metadata'], { resourceVersion: '9' });
  });

  it('prints each type of column, and null where nothing fits', () => {
    const columns = ['string', 'integer', 'number', 'boolean', 'date'].map((type) => ({
      name: type,
      type,
      jsonPath: '.spec.value',
    }));
    const kind = buildKind({ columns });
    const rows = [5, 5.5, 'x', true, { a: 1 }, ['p', 'q'], null].map((value) =>
      cellsOf(kind, { metadata, spec: { value } }),
    );
    assert.deepEqual(rows, [
      ['a', '5', 5, 5, null, '<invalid>'],
      ['a', '5.5', 5, 5.5, null, '<invalid>'],
      ['a', 'x', null, null, null, '<invalid>'],
      ['a', 'true', null, null, true, '<invalid>'],
      ['a', '{"a":1}', null, null, null, '<invalid>'],
      ['a', '["p","q"]', null, null, null, '<invalid>'],
      ['a', null, null, null, null, null],
    ]);
  });

  const builtIns = [
    { kind: 'ConfigMap', object: { data: { a: '1' }, binaryData: { b: '' } }, want: ['a', 2, '30s'] },
    { kind: 'Secret', object: { type: 'Opaque', data: { a: '' } }, want: ['a', 'Opaque', 1, '30s'] },
    { kind: 'Namespace', object: { status: { phase: 'Active' } }, want: ['a', 'Active', '30s'] },
    { kind: 'Lease', object: { spec: { holderIdentity: 'm1' } }, want: ['a', 'm1', '30s'] },
    {
      kind: 'RoleBinding',
      object: {
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'Group', name: 'g' },
        ],
      },
      want: ['a', 'Role/r', '30s', 'u', 'g', ''],
    },
    {
      kind: 'Event',
      object: {
        involvedObject: { kind: 'Instance', name: 'web' },
        type: 'Normal',
        reason: 'Placed',
        message: 'on m1\n',
        eventTime: '1970-01-01T00:00:55.000000Z',
        reportingComponent: 'muster-controller',
      },
      want: ['a', '5s', 'Normal', 'Placed', 'instance/web', '', 'muster-controller', 'on m1', '5s', '1', 'a'],
    },
  ];
  for (const { kind: name, object, want } of builtIns) {
    it(`shows the columns of a ${name}`, () => {
      const kind = builtInKinds.find(({ kind }) => kind === name) ?? assert.fail(name);
      assert.deepEqual(cellsOf(kind, { ...object, metadata }), want);
    });
  }

  it('sends columns only with the first event of a watch', () => {
    const tabulator = createTabulator(buildKind({}));
    const [first, second] = [true, false].map((isFirst) =>
      tabulator.watchTable({ metadata }, isFirst, request),
    );
    assert.equal((first?.['columnDefinitions'] as unknown[] | undefined)?.length, 2);
    assert.equal(second?.['columnDefinitions'], null);
    assert.deepEqual(second['metadata'], { resourceVersion: '7' });
  });

  it('adds as much of the object as is asked for', () => {
    const object = { apiVersion: 'x.io/v1', kind: 'Foo', metadata, spec: {} };
    const added = (['None', 'Object', 'Metadata'] as const).map((includeObject) => {
      const table = createTabulator(buildKind({})).table([object], {}, { ...request, includeObject });
      return (table['rows'] as { object: unknown }[])[0]?.object;
    });
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    assert.deepEqual(added, [null, object, partial]);
    const owned = { ...object, metadata: { ...metadata, managedFields: [{ manager: 'm' }] } };
    const options = { ...request, includeObject: 'Metadata', hidesOwners: true } as const;
    const table = createTabulator(buildKind({})).table([owned], {}, options);
    assert.deepEqual((table['rows'] as { object: unknown }[])[0]?.object, partial);
    assert.equal(parseIncludeObject(undefined), 'Metadata');
    assert.throws(() => parseIncludeObject('All'), { message: 'unrecognized includeObject value: "All"' });
  });
});
