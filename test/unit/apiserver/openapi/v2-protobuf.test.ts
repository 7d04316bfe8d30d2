import assert from 'node:assert/strict';
import { createOpenApiDocuments } from '../../../../src/apiserver/openapi/open-api-documents.ts';
import { encodeV2Document } from '../../../../src/apiserver/openapi/v2-protobuf.ts';
import { builtInKinds } from '../../../../src/apiserver/schema/builtin/built-in-kinds.ts';

type Field = readonly [number: number, value: Buffer | number];

/** Reads one message into its fields; nothing in these documents needs more than 53 bits. */
function readMessage(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const varint = (): number => {
    for (let value = 0, weight = 1; ; weight *= 128) {
      const byte = bytes.readUInt8(position);
      position += 1;
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    assert.ok(position + length <= bytes.length, 'a field is longer than its message');
    position += length;
    return bytes.subarray(position - length, position);
  };
  while (position < bytes.length) {
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) fields.push([number, varint()]);
    else if (wireType === 1) fields.push([number, take(8).readDoubleLE()]);
    else if (wireType === 2) fields.push([number, take(varint())]);
    else assert.fail(`wire type ${wireType}`);
  }
  return fields;
}

/** All values at a path of field numbers. */
function dig(bytes: Buffer, ...path: readonly number[]): (Buffer | number)[] {
  const [number, ...rest] = path;
  const found = readMessage(bytes)
    .filter(([known]) => known === number)
    .map(([, value]) => value);
  if (rest.length === 0) return found;
  return found.filter((value) => Buffer.isBuffer(value)).flatMap((value) => dig(value, ...rest));
}

describe('apiserver/openapi/v2-protobuf', () => {
  it('writes schemas with everything that they say', () => {
    const schema = {
      type: 'object',
      description: 'D',
      required: ['a', 'b'],
      'x-kubernetes-group-version-kind': [{ kind: 'Foo' }],
      properties: { a: { type: 'integer', maximum: 2.5, minLength: 300, default: 7, enum: [7, 'x'] } },
      additionalProperties: { $ref: '#/definitions/B' },
    };
    const bytes = encodeV2Document({ swagger: '2.0', definitions: { F: schema } });
    const at = (...path: number[]): string[] => dig(bytes, 9, 1, ...path).map(String);
    assert.deepEqual(dig(bytes, 1).map(String), ['2.0']);
    assert.deepEqual([at(1), at(2, 4), at(2, 22, 1), at(2, 19)], [['F'], ['D'], ['object'], ['a', 'b']]);
    assert.deepEqual(
      [at(2, 31, 1), at(2, 31, 2, 2)],
      [['x-kubernetes-group-version-kind'], ['[{"kind":"Foo"}]']],
    );
    assert.deepEqual(at(2, 21, 1, 1), ['#/definitions/B']);
    const property = [2, 25, 1, 2];
    assert.deepEqual(at(2, 25, 1, 1), ['a']);
    assert.deepEqual(at(...property, 20, 2), ['7', '"x"']);
    assert.deepEqual(
      [at(...property, 5, 2), at(...property, 7), at(...property, 12)],
      [['7'], ['2.5'], ['300']],
    );
  });

  it('writes every path and definition of the JSON form', () => {
    const documents = createOpenApiDocuments(builtInKinds);
    const json = JSON.parse(documents.v2().body.toString()) as { paths: object; definitions: object };
    const bytes = documents.v2Protobuf().body;
    assert.deepEqual(dig(bytes, 8, 2, 1).map(String), Object.keys(json.paths));
    assert.deepEqual(dig(bytes, 9, 1, 1).map(String), Object.keys(json.definitions));
    // The PATCH of a ConfigMap: its extensions, its parameters, its body.
    const patches = dig(bytes, 8, 2, 2, 8, 5).map(String);
    assert.ok(patches.includes('patchConfigMapOne_patch_api_v1_namespaces_configmaps'), patches.join());
    assert.ok(dig(bytes, 8, 2, 2, 8, 8, 1, 2, 3, 4).map(String).includes('fieldValidation'));
    assert.ok(dig(bytes, 8, 2, 2, 8, 8, 1, 1, 5, 1).map(String)[0]?.startsWith('#/definitions/'));
  });
});
