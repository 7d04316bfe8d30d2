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
});
