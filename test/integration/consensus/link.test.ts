import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createSecureServer, connect as connectHttp2, type Http2SecureServer } from 'node:http2';
import { get } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, TLSSocket } from 'node:tls';

import { silentLogger } from '../../../src/base/logger.ts';
import { acceptForwarded } from '../../../src/consensus/link/accept-forwarded.ts';
import { startLink, type Link } from '../../../src/consensus/link/link.ts';
import { peerProtocol } from '../../../src/consensus/link/protocols.ts';
import { createTestPki, type IssuedCertificate } from '../../support/certificates.ts';

describe('consensus/link', function () {
  this.timeout(20_000);
  let directory: string;
  let certificate: IssuedCertificate;
  let link: Link;
  let api: Http2SecureServer;
  let apiSocket: Server;
  let peerSocket: Server;
  const remotes: string[] = [];

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'muster-link-'));
    certificate = await (await createTestPki()).issueMember('n1');
    const { certPem: cert, keyPem: key } = certificate;
    const sockets = {
      api: path.join(directory, 'api.sock'),
      peer: path.join(directory, 'peer.sock'),
      dial: path.join(directory, 'dial.sock'),
      engine: path.join(directory, 'engine.sock'),
    };
    api = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      response.end(`http/${request.httpVersion}`);
    });
    apiSocket = createServer();
    acceptForwarded(apiSocket, (socket, remote) => {
      remotes.push(remote.address);
      api.emit('connection', socket);
    });
    peerSocket = createServer();
    acceptForwarded(peerSocket, (socket) => {
      const stream = new TLSSocket(socket, { isServer: true, cert, key, ALPNProtocols: [peerProtocol] });
      stream.on('data', (chunk: Buffer) => stream.write(`peer:${chunk.toString()}`));
    });
    apiSocket.listen(sockets.api);
    peerSocket.listen(sockets.peer);
    await Promise.all([once(apiSocket, 'listening'), once(peerSocket, 'listening')]);
    const listen = { host: '127.0.0.1', port: 0 };
    link = await startLink({ listen, tls: certificate, selfId: '1', sockets, peers: [] }, silentLogger);
  });

  after(async () => {
    await link.close();
    apiSocket.close();
    peerSocket.close();
    api.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('forwards HTTP/2 to the API server, with the address of the client', async () => {
    const session = connectHttp2(`https://127.0.0.1:${link.port}`, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/' });
    stream.setEncoding('utf8');
    let body = '';
    for await (const chunk of stream) body += String(chunk);
    session.close();
    assert.deepEqual([body, remotes.at(-1)], ['http/2.0', '127.0.0.1']);
  });

  it('forwards HTTP/1.1 to the API server', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      get(`https://127.0.0.1:${link.port}/`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    assert.equal(body, 'http/1.1');
  });

  it('forwards the members’ own protocol to the peer socket', async () => {
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

  it('says which port is taken', async () => {
    const sockets = { api: '', peer: '', dial: path.join(directory, 'second.sock'), engine: '' };
    const second = startLink(
      { listen: { host: '127.0.0.1', port: link.port }, tls: certificate, selfId: '1', sockets, peers: [] },
      silentLogger,
    );
    await assert.rejects(second, new RegExp(`listening on 127.0.0.1:${link.port}`));
  });
});
