import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer, connect as connectHttp2, type Http2SecureServer } from 'node:http2';
import { get } from 'node:https';
import { connect as connectTls, TLSSocket } from 'node:tls';

import { systemClock } from '../../../src/base/clock.ts';
import { scanClientHello } from '../../../src/consensus/link/client-hello.ts';
import type { FrontDoorRoutes } from '../../../src/consensus/link/front-door.ts';
import { startLink, type Link } from '../../../src/consensus/link/link.ts';
import { peerProtocol, raftProtocol } from '../../../src/consensus/link/protocols.ts';
import { createTestPki, type IssuedCertificate } from '../../support/certificates.ts';

describe('consensus/link', function () {
  this.timeout(20_000);
  let certificate: IssuedCertificate;
  let link: Link;
  let api: Http2SecureServer;
  let routes: FrontDoorRoutes;
  const remotes: string[] = [];
  const hellos: Buffer[] = [];

  before(async () => {
    certificate = await (await createTestPki()).issueMember('n1');
    const { certPem: cert, keyPem: key } = certificate;
    api = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      response.end(`http/${request.httpVersion}`);
    });
    routes = {
      api(socket, remote) {
        remotes.push(remote.address);
        api.emit('connection', socket);
      },
      peer(socket) {
        const stream = new TLSSocket(socket, { isServer: true, cert, key, ALPNProtocols: [peerProtocol] });
        stream.on('data', (chunk: Buffer) => stream.write(`peer:${chunk.toString()}`));
      },
      raft(socket, hello) {
        hellos.push(hello);
        socket.destroy();
      },
    };
    link = await startLink({ host: '127.0.0.1', port: 0 }, routes, systemClock);
  });

  after(async () => {
    await link.close();
    api.close();
  });

  it('leads HTTP/2 to the API server, with the address of the client', async () => {
    const session = connectHttp2(`https://127.0.0.1:${link.port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/' });
    stream.setEncoding('utf8');
    let body = '';
    for await (const chunk of stream) body += String(chunk);
    session.close();
    assert.deepEqual([body, remotes.at(-1)], ['http/2.0', '127.0.0.1']);
  });

  it('leads HTTP/1.1 to the API server', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      get(`https://127.0.0.1:${link.port}/`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    assert.equal(body, 'http/1.1');
  });

  it('leads the members’ own protocol to the server of peers', async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: link.port,
      rejectUnauthorized: false,
      ALPNProtocols: [peerProtocol],
    });
    await once(socket, 'secureConnect');
    socket.write('hello');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    assert.equal(answer.toString(), 'peer:hello');
  });

  it('gives a Raft connection away together with what it has read', async () => {
    const options = { host: '127.0.0.1', port: link.port, rejectUnauthorized: false };
    const socket = connectTls({ ...options, ALPNProtocols: [raftProtocol] });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(hellos.length, 1);
    assert.deepEqual(scanClientHello(hellos[0] ?? Buffer.alloc(0)), {
      kind: 'hello',
      protocols: [raftProtocol],
    });
  });

  it('says which port is taken', async () => {
    const second = startLink({ host: '127.0.0.1', port: link.port }, routes, systemClock);
    await assert.rejects(second, new RegExp(`listening on 127.0.0.1:${link.port}`));
  });
});
