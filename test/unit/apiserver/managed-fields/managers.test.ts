import assert from 'node:assert/strict';
import { capManagers } from '../../../../src/apiserver/managed-fields/cap-managers.ts';
import {
  decodeManagers,
  decodeStoredManagers,
  encodeManagers,
  type Manager,
} from '../../../../src/apiserver/managed-fields/manager.ts';
import { managerOfUserAgent } from '../../../../src/apiserver/managed-fields/manager-name.ts';
import { emptySet, listPaths } from '../../../../src/apiserver/managed-fields/sets/field-set.ts';
import { parseFields } from '../../../../src/apiserver/managed-fields/sets/fields-v1.ts';
import { formatPath } from '../../../../src/apiserver/managed-fields/sets/path-element.ts';

function buildManager(name: string, differences: Partial<Manager> = {}): Manager {
  return {
    ...{ name, operation: 'Update', apiVersion: 'x.io/v1', subresource: '', time: '' },
    fields: parseFields({ [`f:${name}`]: {} }) ?? emptySet,
    ...differences,
  };
}

const minute = (number: number): string => `2026-01-01T00:${String(number).padStart(2, '0')}:00Z`;
const entry = {
  ...{ manager: 'a', operation: 'Apply', apiVersion: 'x.io/v1', time: minute(1) },
  ...{ fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} } },
};

describe('apiserver/managed-fields managers', () => {
  it('reads FieldsV1 in whatever form a client writes it', () => {
    const fields = parseFields({
      'f:ports': { 'k:{ "proto":"TCP", "name":"h" }': { '.': {}, 'f:port': {} } },
      'f:tags': { 'v:"x"': {}, 'v:1': {}, 'i:3': {} },
    });
    assert.deepEqual(fields && listPaths(fields).map(formatPath), [
      '.ports[name="h",proto="TCP"]',
      '.ports[name="h",proto="TCP"].port',
      '.tags[3]',
      '.tags[="x"]',
      '.tags[=1]',
    ]);
  });

  const wrong = [
    { name: 'no list', list: {} },
    { name: 'another operation', list: [{ ...entry, operation: 'Delete' }] },
    { name: 'another form of fields', list: [{ ...entry, fieldsType: 'FieldsV2' }] },
    { name: 'an unknown step', list: [{ ...entry, fieldsV1: { 'x:spec': {} } }] },
    { name: 'a key that is no JSON', list: [{ ...entry, fieldsV1: { 'k:{': {} } }] },
    { name: 'a leaf that is no object', list: [{ ...entry, fieldsV1: { 'f:spec': 1 } }] },
  ];
  for (const { name, list } of wrong) {
    it(`understands nothing of ${name}`, () => {
      assert.deepEqual([decodeManagers(list), decodeStoredManagers(list)], [undefined, []]);
    });
  }

  it('writes an untouched entry back as it was, and all of them appliers first, then by age', () => {
    const update = { ...entry, manager: 'u', operation: 'Update', time: minute(0), subresource: 'status' };
    const later = { ...entry, manager: 'b', time: minute(2) };
    const encoded = encodeManagers(decodeStoredManagers([later, update, entry]));
    assert.deepEqual(encoded, [entry, later, update]);
    assert.equal(encoded[0], entry);
  });

  it('puts the oldest updates together, version by version, and leaves appliers alone', () => {
    const updates = Array.from({ length: 13 }, (_, index) =>
      buildManager(`u${index}`, { time: minute(index), apiVersion: index === 0 ? 'x.io/v0' : 'x.io/v1' }),
    );
    const applier = buildManager('m', { operation: 'Apply', time: minute(0) });
    const capped = capManagers([applier, ...updates]);
    assert.deepEqual(
      capped.map(({ name }) => name),
      ['m', 'u0', ...Array.from({ length: 8 }, (_, index) => `u${index + 5}`), 'ancient-changes'],
    );
    const ancient = capped.at(-1);
    assert.ok(ancient !== undefined);
    assert.deepEqual(listPaths(ancient.fields).map(formatPath), ['.u1', '.u2', '.u3', '.u4']);
    assert.equal(ancient.time, minute(4));
  });

  const agents = [
    { agent: 'kubectl/v1.32.3 (linux/amd64) kubernetes/abc', want: 'kubectl' },
    { agent: '', want: 'unknown' },
    { agent: undefined, want: 'unknown' },
    { agent: 'a\u0007b', want: 'ab' },
  ];
  for (const { agent, want } of agents) {
    it(`calls ${JSON.stringify(agent)} ${want}`, () => {
      assert.equal(managerOfUserAgent(agent), want);
    });
  }
});
