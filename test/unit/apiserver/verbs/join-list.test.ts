import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createObjectCodec, keptDecoded } from '../../../../src/apiserver/registry/object-codec.ts';
import type { ResourceKind } from '../../../../src/apiserver/registry/resource-kind.ts';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import { createTabulator } from '../../../../src/apiserver/table/table.ts';
import { joinList, joinTable } from '../../../../src/apiserver/verbs/join-list.ts';
import type { StoredEntry } from '../../../../src/consensus/store/store.ts';
import { buildKind } from '../../../support/build-kind.ts';

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } as const;
const apiVersion = 'x.io/v1';
const tableVersion = 'meta.k8s.io/v1';
const managedFields = [{ manager: 'm', operation: 'Update', fieldsV1: { 'f:spec': {} } }];
const versions = fc.constantFrom(apiVersion, 'x.io/v1beta1');
const includes = ['Metadata', 'Object', 'None'] as const;

function buildFoos(storedApiVersion = apiVersion): ResourceKind {
  const columns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];
  const served = buildKind({ schema: { type: 'object', properties: { spec: open } }, columns });
  const schema = compileKindSchema(served);
  return {
    ...{ served, schema, prefix: '/registry/x.io/foos/', apiVersion },
    codec: createObjectCodec(schema, { apiVersion, storedApiVersion }),
    tabulator: createTabulator(served),
    rules: { canCreateOnUpdate: false, canUpdateUnconditionally: false },
  };
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('{"', '\\"}', '},"spec":{', '\\'));
const objects = fc.array(
  fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    annotations: fc.dictionary(text, text),
    spec: fc.record({ size: fc.option(fc.integer()), note: text }, { requiredKeys: [] }),
  }),
  { maxLength: 5 },
);

describe('apiserver/verbs/join-list', () => {
  it('writes what building the list and encoding it would write', () => {
    fc.assert(
      fc.property(objects, versions, fc.boolean(), (all, storedVersion, hidesOwners) => {
        const kind = buildFoos(storedVersion);
        const entries = all.map(({ name, annotations, spec }, index): StoredEntry => {
          const creationTimestamp = '2026-01-01T00:00:00Z';
          const metadata = { name, annotations, creationTimestamp, managedFields };
          const value = kind.codec.encode({ apiVersion, kind: 'Foo', metadata, spec });
          return { key: `${kind.prefix}${name}`, value, revision: index + 1 };
        });
        const items = entries.map((entry) => kind.codec.decode(entry));
        const metadata = { resourceVersion: '9' };
        const list = { kind: 'FooList', apiVersion, metadata, items };
        assert.deepEqual(parse(joinList(entries, metadata, kind)), parse(JSON.stringify(list)));
        for (const includeObject of includes) {
          const request = {
            includeObject,
            apiVersion: tableVersion,
            hidesOwners,
            now: Date.parse('2026-01-02T00:00:00Z'),
          };
          const table = kind.tabulator.table(items, metadata, request);
          const joined = parse(joinTable(entries, metadata, kind, request));
          assert.deepEqual(joined, parse(JSON.stringify(table)));
        }
      }),
    );
  });

  it('remembers nothing of a table that is longer than what is kept', () => {
    const kind = buildFoos();
    const entries = Array.from({ length: keptDecoded + 1 }, (_, index): StoredEntry => {
      const metadata = { name: `foo-${index}`, creationTimestamp: '2026-01-01T00:00:00Z' };
      const value = kind.codec.encode({ apiVersion, kind: 'Foo', metadata, spec: { size: index } });
      return { key: `${kind.prefix}foo-${index}`, value, revision: index + 1 };
    });
    const [first, last] = [entries[0], entries.at(-1)];
    assert(first !== undefined && last !== undefined);
    const kept = kind.codec.decode(first);
    const now = Date.parse('2026-01-02T00:00:00Z');
    const request = { includeObject: 'Metadata', apiVersion: tableVersion, now } as const;
    const table = parse(joinTable(entries, {}, kind, request)) as { rows: { cells: unknown[] }[] };
    assert.deepEqual(
      table.rows.map(({ cells }) => cells[1]),
      entries.map((_, index) => index),
    );
    assert.equal(kind.codec.glance(first), kept);
    assert.notEqual(kind.codec.glance(last), kind.codec.glance(last));
    assert.equal(kind.codec.decode(last), kind.codec.glance(last));
  });

  it('sends the metadata as it is stored', () => {
    const kind = buildFoos();
    const value = Buffer.from(
      `{"apiVersion":"x.io/v1","kind":"Foo","metadata":{"name":"a"},"spec":{"size":1}}`,
    );
    const pieces = kind.codec.metadataPieces({ key: 'a', value, revision: 7 });
    assert.equal(Buffer.concat(pieces).toString(), '{"resourceVersion":"7","name":"a"}');
    assert.equal(pieces.at(-1)?.buffer, value.buffer);
  });
});

function parse(json: Buffer | string): unknown {
  return JSON.parse(json.toString());
}
