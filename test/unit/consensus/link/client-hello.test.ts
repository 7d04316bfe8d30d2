import assert from 'node:assert/strict';

import fc from 'fast-check';

import { scanClientHello } from '../../../../src/consensus/link/client-hello.ts';

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function withLength16(content: Buffer): Buffer {
  return Buffer.concat([u16(content.length), content]);
}

function buildExtension(type: number, content: Buffer): Buffer {
  return Buffer.concat([u16(type), withLength16(content)]);
}

function buildAlpn(protocols: readonly string[]): Buffer {
  const names = protocols.map((name) => Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]));
  return buildExtension(16, withLength16(Buffer.concat(names)));
}

function buildHandshake(extensions: readonly Buffer[], type = 1): Buffer {
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.from([4, 1, 2, 3, 4]),
    withLength16(Buffer.from([0x13, 0x01])),
    Buffer.from([1, 0]),
    withLength16(Buffer.concat(extensions)),
  ]);
  const length = Buffer.from([0, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([type]), length, body]);
}

function buildRecords(handshake: Buffer, recordBytes = 16_384): Buffer {
  const records: Buffer[] = [];
  for (let offset = 0; offset < handshake.length; offset += recordBytes) {
    records.push(Buffer.from([22, 3, 1]), withLength16(handshake.subarray(offset, offset + recordBytes)));
  }
  return Buffer.concat(records);
}

const otherExtension = buildExtension(0, Buffer.from('whatever'));
const hello = buildRecords(buildHandshake([otherExtension, buildAlpn(['muster-raft/1', 'h2'])]));

describe('consensus/link/client-hello', () => {
  const cases = [
    {
      name: 'lists the protocols in order',
      bytes: hello,
      want: { kind: 'hello', protocols: ['muster-raft/1', 'h2'] },
    },
    {
      name: 'joins a hello that is spread over many records',
      bytes: buildRecords(buildHandshake([buildAlpn(['h2'])]), 9),
      want: { kind: 'hello', protocols: ['h2'] },
    },
    {
      name: 'answers no protocols for a hello without the extension',
      bytes: buildRecords(buildHandshake([otherExtension])),
      want: { kind: 'hello', protocols: [] },
    },
    { name: 'waits for the first byte', bytes: Buffer.alloc(0), want: { kind: 'incomplete' } },
    { name: 'waits for a whole record header', bytes: hello.subarray(0, 3), want: { kind: 'incomplete' } },
    { name: 'waits for the last byte', bytes: hello.subarray(0, -1), want: { kind: 'incomplete' } },
    {
      name: 'gives up on plain HTTP',
      bytes: Buffer.from('GET / HTTP/1.1\r\n'),
      want: { kind: 'unreadable' },
    },
    {
      name: 'gives up on another handshake message',
      bytes: buildRecords(buildHandshake([], 2)),
      want: { kind: 'unreadable' },
    },
    {
      name: 'gives up when lengths contradict each other',
      bytes: buildRecords(buildHandshake([buildExtension(16, Buffer.from([0, 200, 5, 104]))])),
      want: { kind: 'unreadable' },
    },
    {
      name: 'gives up on a hello without end',
      bytes: Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff, 1, 0xff, 0xff, 0xff]), Buffer.alloc(70_000)]),
      want: { kind: 'unreadable' },
    },
  ];
  for (const { name, bytes, want } of cases) {
    it(name, () => assert.deepEqual(scanClientHello(bytes), want));
  }

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, likeHello) => {
        const prefix = likeHello ? hello.subarray(0, bytes.length % hello.length) : Buffer.alloc(0);
        scanClientHello(Buffer.concat([prefix, bytes]));
      }),
    );
  });

  it('says incomplete for every proper prefix of a hello', () => {
    for (let length = 0; length < hello.length; length += 1) {
      assert.equal(scanClientHello(hello.subarray(0, length)).kind, 'incomplete');
    }
  });
});
