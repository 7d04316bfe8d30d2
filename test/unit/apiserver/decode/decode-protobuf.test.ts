import assert from 'node:assert/strict';
import { decodeProtobufObject, isProtobuf } from '../../../../src/apiserver/decode/decode-protobuf.ts';
import { DecodeError } from '../../../../src/apiserver/schema/decode-error.ts';

type Content = Buffer | number | string;

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];

function field(number: number, content: Content): Buffer {
  if (typeof content === 'number') return Buffer.from([...varint(number * 8), ...varint(content)]);
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  message(
    Buffer.from('k8s\0', 'latin1'),
    field(1, message(field(1, apiVersion), field(2, kind))),
    field(2, raw),
    field(3, ''),
    field(4, ''),
  );
const entry = (key: string, value: string): Buffer => message(field(1, key), field(2, value));

describe('apiserver/decode/decode-protobuf', () => {
  it('reads a Secret as kubectl writes it', () => {
    const metadata = message(
      field(1, 'a'),
      field(2, ''),
      field(3, 'default'),
      field(8, message()),
      field(11, entry('k', 'v')),
      field(11, entry('l', 'w')),
    );
    const secret = message(
      field(1, metadata),
      field(2, entry('x', 'secret')),
      field(3, 'Opaque'),
      field(5, 1),
    );
    assert.deepEqual(decodeProtobufObject(envelope('v1', 'Secret', secret)), {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'default', labels: { k: 'v', l: 'w' } },
      data: { x: Buffer.from('secret').toString('base64') },
      type: 'Opaque',
      immutable: true,
    });
  });

  it('reads times, lists and numbers, and skips what it does not know', () => {
    const spec = message(
      field(1, 'me'),
      field(2, 15),
      field(4, message(field(1, 1_700_000_000), field(2, 5_000))),
      field(99, 'future'),
    );
    const lease = message(
      field(1, message(field(1, 'l'), field(14, 'a/b'), field(14, 'c/d'))),
      field(2, spec),
    );
    assert.deepEqual(decodeProtobufObject(envelope('coordination.k8s.io/v1', 'Lease', lease)), {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', finalizers: ['a/b', 'c/d'] },
      spec: { holderIdentity: 'me', leaseDurationSeconds: 15, renewTime: '2023-11-14T22:13:20.000005Z' },
    });
  });

  it('knows no kinds of users', () => {
    assert.equal(decodeProtobufObject(envelope('muster.dev/v1alpha1', 'Instance', message())), undefined);
  });

  it('refuses a body that is cut off', () => {
    const whole = envelope('v1', 'Namespace', message(field(1, message(field(1, 'abc')))));
    assert.equal(isProtobuf(whole), true);
    assert.throws(() => decodeProtobufObject(whole.subarray(0, -6)), DecodeError);
  });

  it('reads a CustomResourceDefinition as a Go program writes it', () => {
    const json = (value: unknown): Buffer => message(field(1, JSON.stringify(value)));
    const double = (number: number, value: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value);
      return Buffer.concat([Buffer.from(varint(number * 8 + 1)), bytes]);
    };
    const typed = (type: string, ...more: readonly Buffer[]): Buffer =>
      // Unset texts and flags are on the wire as well.
      message(field(1, ''), field(5, type), field(10, 0), ...more, field(37, 0), field(40, 0));
    const property = (name: string, schema: Buffer): Buffer =>
      field(29, message(field(1, name), field(2, schema)));
    const rule = message(field(1, 'self.size > 0'), field(2, 'too small'), field(6, 1));
    const spec = typed(
      'object',
      property(
        'size',
        typed('integer', field(8, json(3)), double(9, 10.5), field(20, json(1)), field(20, json(null))),
      ),
      property('tags', typed('array', field(24, message(field(1, typed('string')))), field(42, 'set'))),
      property('more', typed('object', field(30, message(field(1, 1))))),
      property('labels', typed('object', field(30, message(field(1, 1), field(2, typed('string')))))),
      property('any', message(field(38, 1), field(40, 1))),
      field(23, 'size'),
      field(44, rule),
    );
    const version = message(
      ...[field(1, 'v1'), field(2, 1), field(3, 1), field(4, message(field(1, spec)))],
      field(
        5,
        message(field(1, message()), field(2, message(field(1, '.spec.size'), field(2, '.status.size')))),
      ),
      field(6, message(field(1, 'Size'), field(2, 'integer'), field(5, 1), field(6, '.spec.size'))),
      ...[field(7, 0), field(9, message(field(1, '.spec.size')))],
    );
    const names = message(field(1, 'foos'), field(3, 'fo'), field(4, 'Foo'));
    const definition = message(
      field(1, message(field(1, 'foos.x.io'))),
      field(
        2,
        message(field(1, 'x.io'), field(3, names), field(4, 'Namespaced'), field(7, version), field(10, 0)),
      ),
      field(3, message(field(2, names))),
    );
    const apiVersion = 'apiextensions.k8s.io/v1';
    const kind = 'CustomResourceDefinition';
    assert.deepEqual(decodeProtobufObject(envelope(apiVersion, kind, definition)), {
      ...{ apiVersion, kind, metadata: { name: 'foos.x.io' } },
      spec: {
        group: 'x.io',
        names: { plural: 'foos', shortNames: ['fo'], kind: 'Foo' },
        scope: 'Namespaced',
        versions: [
          {
            ...{ name: 'v1', served: true, storage: true },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  size: { type: 'integer', default: 3, maximum: 10.5, enum: [1, null] },
                  tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  more: { type: 'object', additionalProperties: true },
                  labels: { type: 'object', additionalProperties: { type: 'string' } },
                  any: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-int-or-string': true },
                },
                required: ['size'],
                'x-kubernetes-validations': [
                  { rule: 'self.size > 0', message: 'too small', optionalOldSelf: true },
                ],
              },
            },
            subresources: {
              status: {},
              scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
            },
            additionalPrinterColumns: [
              { name: 'Size', type: 'integer', priority: 1, jsonPath: '.spec.size' },
            ],
            selectableFields: [{ jsonPath: '.spec.size' }],
          },
        ],
      },
      status: { acceptedNames: { plural: 'foos', shortNames: ['fo'], kind: 'Foo' } },
    });
  });

  it('refuses schemas in schemas without end', () => {
    let schema = message(field(5, 'object'));
    for (let depth = 0; depth < 1_500; depth += 1) schema = message(field(28, schema));
    const version = message(field(4, message(field(1, schema))));
    const body = envelope('apiextensions.k8s.io/v1', 'CustomResourceDefinition', field(2, field(7, version)));
    assert.throws(() => decodeProtobufObject(body), DecodeError);
  });
});
