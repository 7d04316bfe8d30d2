import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';

import {
  acceptForwarded,
  formatPreface,
  parsePreface,
  type RemoteEnd,
} from '../../../../src/consensus/link/accept-forwarded.ts';

/** Forwards `chunks` one after the other, and answers what came out. */
async function forward(chunks: readonly string[]) {
  const server = createServer();
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  let accepted: RemoteEnd | undefined;
  let rest = '';
  acceptForwarded(server, (handed, remote) => {
    accepted = remote;
    handed.on('data', (chunk: Buffer) => (rest += chunk.toString()));
  });
  server.emit('connection', socket);
  for (const chunk of chunks) {
    socket.push(chunk);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { accepted, rest, destroyed: socket.destroyed };
}

describe('consensus/link/accept-forwarded', () => {
  const remote = { address: '10.0.0.1', port: 50_000 };
  const preface = 'PROXY TCP4 10.0.0.1 10.0.0.2 50000 8443\r\n';

  const prefaces = [
    {
      name: 'IPv4',
      line: 'PROXY TCP4 10.0.0.1 10.0.0.2 50000 8443',
      want: { address: '10.0.0.1', port: 50_000 },
    },
    { name: 'IPv6', line: 'PROXY TCP6 fe80::1 fe80::2 1 2', want: { address: 'fe80::1', port: 1 } },
    { name: 'an unknown client', line: 'PROXY UNKNOWN', want: { address: '', port: 0 } },
    { name: 'another protocol', line: 'GET / HTTP/1.1', want: undefined },
    { name: 'a missing port', line: 'PROXY TCP4 10.0.0.1 10.0.0.2 50000', want: undefined },
  ];
  for (const { name, line, want } of prefaces) {
    it(`parses ${name}`, () => assert.deepEqual(parsePreface(line), want));
  }

  it('formats what it parses', () => {
    assert.equal(formatPreface(remote, { address: '10.0.0.2', port: 8443 }), preface);
  });

  const arrivals = [
    { name: 'in one piece', chunks: [`${preface}hello`] },
    { name: 'apart', chunks: [preface, 'hel', 'lo'] },
    { name: 'byte by byte', chunks: Array.from(`${preface}hello`) },
  ];
  for (const { name, chunks } of arrivals) {
    it(`hands the untouched rest over when it arrives ${name}`, async () => {
      assert.deepEqual(await forward(chunks), { accepted: remote, rest: 'hello', destroyed: false });
    });
  }

  it('drops a connection that does not begin with a preface', async () => {
    const { accepted, destroyed } = await forward(['x'.repeat(200)]);
    assert.deepEqual([accepted, destroyed], [undefined, true]);
  });
});
