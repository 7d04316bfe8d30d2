import assert from 'node:assert/strict';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createTestClient, type TestClient } from '../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const instances = '/apis/muster.dev/v1alpha1/namespaces/default/instances';
const megabyte = 1024 * 1024;
// The client's copies of what it sends are in the same process; a leak or a bomb is far beyond this.
const mostGrowthMegabytes = 700;

/** What broken and malicious clients send: each gets a right answer, and the server goes on as if nothing were. */
describe('apiserver: hostile input', function () {
  this.timeout(60_000);
  let server: TestApiServer;
  let admin: TestClient;
  let rssBefore = 0;

  before(async () => {
    server = await startTestApiServer();
    admin = createTestClient(server.url, server.adminTls);
    await admin.send('POST', configMaps, { metadata: { name: 'target' }, data: { a: 'b' } });
    rssBefore = process.memoryUsage().rss;
  });
  afterEach(async () => {
    const { code } = await admin.send('GET', `${configMaps}/target`);
    assert.equal(code, 200, 'the server does not answer any more');
    assert.deepEqual(Object.keys(Object.prototype), []);
  });
  after(async () => {
    const grownMegabytes = (process.memoryUsage().rss - rssBefore) / megabyte;
    await admin.close();
    await server.close();
    assert(grownMegabytes < mostGrowthMegabytes, `grown by ${Math.round(grownMegabytes)} MB`);
  });

  const json = 'application/json';
  const apply = 'application/apply-patch+yaml';
  const mergePatch = 'application/merge-patch+json';
  const jsonPatch = 'application/json-patch+json';
  const strategic = 'application/strategic-merge-patch+json';
  const deep = (open: string, depth: number): string => open.repeat(depth);
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: 9 },
      (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level}, `.repeat(10)}]`,
    ),
  ].join('\n');
  const doubling = JSON.stringify([
    { op: 'add', path: '/data/x', value: 'x'.repeat(1_000) },
    { op: 'add', path: '/metadata/annotations', value: {} },
    ...Array.from({ length: 40 }, (_, step) => ({
      op: 'copy',
      from: '',
      path: `/metadata/annotations/copy${step}`,
    })),
  ]);

  interface Case {
    readonly name: string;
    readonly method?: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
    readonly path?: string;
    readonly type?: string;
    readonly body?: Buffer | string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly codes: readonly number[];
  }

  const post = { method: 'POST', type: json } as const;
  const patch = { method: 'PATCH', path: `${configMaps}/target?fieldManager=hostile` } as const;
  const cases: readonly Case[] = [
    { name: 'half an object', ...post, body: '{"metadata":', codes: [400] },
    { name: 'an empty body', ...post, body: '', codes: [400] },
    { name: 'a list', ...post, body: '[]', codes: [400] },
    { name: 'null', ...post, body: 'null', codes: [400] },
    { name: 'a zero byte', ...post, body: '{"metadata":{"name":"a\0b"}}', codes: [400, 422] },
    { name: 'an escaped zero byte', ...post, body: '{"metadata":{"name":"a\\u0000b"}}', codes: [422] },
    {
      name: 'invalid UTF-8',
      ...post,
      body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      codes: [400, 422],
    },
    { name: 'half a surrogate pair', ...post, body: '{"metadata":{"name":"\\ud800"}}', codes: [400, 422] },
    { name: 'arrays 100,000 deep', ...post, body: deep('[', 100_000), codes: [400] },
    { name: 'objects 100,000 deep', ...post, body: deep('{"a":', 100_000), codes: [400] },
    {
      name: 'objects 100,000 deep that end',
      ...post,
      body: `${deep('{"a":', 100_000)}1${deep('}', 100_000)}`,
      codes: [400],
    },
    {
      name: 'a number beyond all numbers',
      ...post,
      body: '{"metadata":{"name":"n"},"x":1e999999}',
      codes: [201, 400],
    },
    {
      name: 'a number of a million digits',
      ...post,
      body: `{"metadata":{"name":"m"},"x":${'9'.repeat(1_000_000)}}`,
      codes: [201, 400],
    },
    { name: 'a key of two megabytes', ...post, body: `{"${'k'.repeat(2 * megabyte)}":1}`, codes: [400, 422] },
    { name: 'names that are none', ...post, body: '{"metadata":{"name":"../../etc/passwd"}}', codes: [422] },
    { name: 'types that are none', ...post, body: '{"metadata":[]}', codes: [400, 422] },
    {
      name: 'keys of prototypes',
      ...post,
      body: '{"metadata":{"name":"p1"},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      codes: [201, 400],
    },
    {
      name: 'keys of prototypes as data',
      ...post,
      body: '{"metadata":{"name":"p2"},"data":{"__proto__":"x","constructor":"y"}}',
      codes: [400],
    },
    {
      name: 'keys of prototypes as labels',
      ...post,
      body: '{"metadata":{"name":"p3","labels":{"__proto__":"x"}}}',
      codes: [201, 400, 422],
    },
    {
      name: 'keys of prototypes in a kind of ours',
      ...post,
      path: instances,
      body: '{"apiVersion":"muster.dev/v1alpha1","kind":"Instance","metadata":{"name":"p4"},"spec":{"image":"i","__proto__":{"x":1}}}',
      codes: [201, 400],
    },
    {
      name: 'a merge patch of a prototype',
      ...patch,
      type: mergePatch,
      body: '{"__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1}}}',
      codes: [200, 400, 422],
    },
    {
      name: 'a strategic patch of a prototype',
      ...patch,
      type: strategic,
      body: '{"__proto__":{"polluted":1}}',
      codes: [200, 400, 422],
    },
    {
      name: 'a JSON patch of a prototype',
      ...patch,
      type: jsonPatch,
      body: '[{"op":"add","path":"/__proto__/polluted","value":1}]',
      codes: [400, 422],
    },
    {
      name: 'a JSON patch of a constructor',
      ...patch,
      type: jsonPatch,
      body: '[{"op":"add","path":"/constructor/prototype/polluted","value":1}]',
      codes: [400, 422],
    },
    {
      name: 'a JSON patch that doubles the object forty times',
      ...patch,
      type: jsonPatch,
      body: doubling,
      codes: [413, 422],
    },
    {
      name: 'a JSON patch of 20,000 steps',
      ...patch,
      type: jsonPatch,
      body: JSON.stringify(
        Array.from({ length: 20_000 }, () => ({ op: 'test', path: '/data/a', value: 'b' })),
      ),
      codes: [413],
    },
    {
      name: 'a merge patch 100,000 deep',
      ...patch,
      type: mergePatch,
      body: deep('{"a":', 100_000),
      codes: [400],
    },
    { name: 'a patch that is no patch', ...patch, type: jsonPatch, body: '{"op":"add"}', codes: [400, 422] },
    {
      name: 'a type of patch that is none',
      ...patch,
      type: 'application/x-nonsense',
      body: '{}',
      codes: [415],
    },
    {
      name: 'an alias bomb',
      ...patch,
      type: apply,
      body: `apiVersion: v1\nkind: ConfigMap\n${bomb}`,
      codes: [400, 413],
    },
    {
      name: 'an alias of itself',
      ...patch,
      type: apply,
      body: 'apiVersion: v1\nkind: ConfigMap\ndata: &a\n  x: *a\n',
      codes: [400, 422],
    },
    { name: 'YAML 100,000 deep', ...patch, type: apply, body: deep('[', 100_000), codes: [400] },
    { name: 'YAML that is none', ...patch, type: apply, body: 'a: [b\n\t-', codes: [400] },
    {
      name: 'protobuf of rubbish',
      ...post,
      type: 'application/vnd.kubernetes.protobuf',
      body: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(1_000, 0xff)]),
      codes: [400, 415],
    },
    {
      name: 'protobuf that is cut off',
      ...post,
      type: 'application/vnd.kubernetes.protobuf',
      body: Buffer.from('6b3873000a0f0a02', 'hex'),
      codes: [400],
    },
    {
      name: 'protobuf that announces more than it has',
      ...post,
      type: 'application/vnd.kubernetes.protobuf',
      body: Buffer.from('6b3873000affffffff0f', 'hex'),
      codes: [400],
    },
    // More at once than 10 MB is what this client itself refuses to queue; 50 MB come in chunks below.
    { name: '8 megabytes', ...post, body: Buffer.alloc(8 * megabyte, 0x20), codes: [413] },
    { name: 'a path with a zero byte', path: '/api/v1/namespaces/%00/configmaps', codes: [200, 400, 404] },
    {
      name: 'a path that climbs',
      path: '/api/v1/namespaces/..%2f..%2f..%2fetc/configmaps/passwd',
      codes: [400, 404],
    },
    { name: 'a path of broken escapes', path: '/api/v1/namespaces/%zz/configmaps', codes: [400, 404] },
    { name: 'a path of invalid UTF-8', path: '/api/v1/namespaces/%ff%fe/configmaps', codes: [200, 400, 404] },
    { name: 'a path of slashes', path: '/'.repeat(5_000), codes: [404] },
    { name: 'a path of 6,000 letters', path: `${configMaps}/${'a'.repeat(6_000)}`, codes: [404] },
    { name: 'a name of a prototype', path: `${configMaps}/__proto__`, codes: [404] },
    { name: 'a resource of a prototype', path: '/api/v1/namespaces/default/__proto__', codes: [404] },
    { name: 'a group of a prototype', path: '/apis/constructor/v1/toString', codes: [404] },
    {
      name: 'a limit beyond all numbers',
      path: `${configMaps}?limit=99999999999999999999999`,
      codes: [200, 400],
    },
    { name: 'a negative limit', path: `${configMaps}?limit=-1`, codes: [200, 400] },
    { name: 'a version that is none', path: `${configMaps}?resourceVersion=abc`, codes: [400, 422] },
    {
      name: 'a version beyond all numbers',
      path: `${configMaps}/target?resourceVersion=1e400`,
      codes: [400, 422],
    },
    { name: 'a continue token of rubbish', path: `${configMaps}?continue=%00%ff`, codes: [400] },
    {
      name: 'a continue token of another key',
      path: `${configMaps}?continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../../x"}').toString('base64url')}`,
      codes: [200, 400, 410],
    },
    {
      name: 'a label selector of brackets',
      path: `${configMaps}?labelSelector=${'('.repeat(2_000)}`,
      codes: [400],
    },
    { name: 'a field selector of rubbish', path: `${configMaps}?fieldSelector=%3D%3D%3D`, codes: [400] },
    { name: 'two thousand parameters', path: `${configMaps}?${'a=b&'.repeat(1_500)}`, codes: [200] },
    {
      name: 'a timeout that is none',
      path: `${configMaps}?watch=1&timeoutSeconds=nonsense`,
      codes: [400, 422],
    },
    {
      name: 'a type of answer that is none',
      path: configMaps,
      headers: { accept: ';;;,,q=zz' },
      codes: [200, 400, 406],
    },
    {
      name: 'a body that is said to be gzip',
      ...post,
      body: 'not gzip',
      headers: { 'content-encoding': 'gzip' },
      codes: [400, 415],
    },
    { name: 'a term that is none', path: configMaps, headers: { 'muster-leader-term': '-1' }, codes: [400] },
    {
      name: 'somebody to impersonate who is nobody',
      path: configMaps,
      headers: { 'impersonate-group': 'system:masters' },
      codes: [400],
    },
  ];
  for (const { name, method = 'GET', path = configMaps, type, body, headers = {}, codes } of cases) {
    it(`answers ${name}`, async () => {
      const contentType = type === undefined ? {} : { 'content-type': type };
      const answer = await admin.send(method, path, body, { ...contentType, ...headers });
      assert(
        codes.includes(answer.code),
        `${answer.code}, not ${codes.join(' or ')}: ${answer.text.slice(0, 300)}`,
      );
      if (answer.code >= 400 && answer.code !== 404) assert.equal(answer.body.kind, 'Status', answer.text);
      assert(answer.text.length < 200_000, 'the answer repeats what was sent');
    });
  }

  const endpoint = () => ({ host: '127.0.0.1', port: Number(new URL(server.url).port) });

  function openTls(alpn: readonly string[] = ['http/1.1']): Promise<TLSSocket> {
    const { caPem: ca, certPem: cert, keyPem: key } = server.adminTls;
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        ...endpoint(),
        ca,
        cert,
        key,
        servername: 'localhost',
        ALPNProtocols: [...alpn],
      });
      socket.once('secureConnect', () => {
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  /** What comes back until the server ends the connection, or the patience does. */
  function readAll(socket: Socket, patienceMs: number): Promise<string> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const timer = setTimeout(() => socket.destroy(), patienceMs);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', () => undefined);
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks).toString('latin1'));
      });
    });
  }

  async function exchange(text: string, patienceMs = 2_000): Promise<string> {
    const socket = await openTls();
    const answer = readAll(socket, patienceMs);
    socket.write(text, 'latin1', () => undefined);
    return answer;
  }

  it('refuses a flood of header lines', async () => {
    const answer = await exchange(`GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`);
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  it('refuses what is not HTTP', async () => {
    assert.match(await exchange('\x16\x03\x01 nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  });

  it('refuses a body whose length is said twice', async () => {
    const head = `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`;
    assert.match(await exchange(`${head}0\r\n\r\nGET / HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 400 /);
  });

  it('refuses 50 megabytes that come in chunks, without reading them', async () => {
    const socket = await openTls();
    const answer = readAll(socket, 10_000);
    socket.write(
      `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: ${json}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `100000\r\n${' '.repeat(megabyte)}\r\n`;
    for (let count = 0; count < 50 && !socket.destroyed; count += 1) {
      await new Promise((resolve) => socket.write(chunk, resolve));
    }
    socket.end();
    assert.match(await answer, /^HTTP\/1\.1 413 /);
  });

  it('answers while hundreds of connections are half open', async () => {
    const sockets = Array.from({ length: 300 }, () => connectTcp(endpoint()).on('error', () => undefined));
    const started = await Promise.all(Array.from({ length: 50 }, () => openTls()));
    for (const socket of started) {
      socket.on('error', () => undefined);
      socket.write(`POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{`);
    }
    assert.equal((await admin.send('GET', configMaps)).code, 200);
    for (const socket of [...sockets, ...started]) socket.destroy();
  });

  it('holds no more than a bounded part of an answer for a reader that does not read', async () => {
    const value = 'x'.repeat(500_000);
    for (let count = 0; count < 20; count += 1) {
      await admin.send('POST', configMaps, { metadata: { name: `big-${count}` }, data: { value } });
    }
    const before = process.memoryUsage().rss;
    const readers = await Promise.all(Array.from({ length: 15 }, () => openTls()));
    for (const reader of readers) {
      reader.pause();
      reader.on('error', () => undefined);
      reader.write(`GET ${configMaps} HTTP/1.1\r\nHost: x\r\n\r\n`);
    }
    for (let count = 0; count < 20; count += 1) {
      assert.equal((await admin.send('GET', `${configMaps}/target`)).code, 200);
    }
    const grown = (process.memoryUsage().rss - before) / megabyte;
    for (const reader of readers) reader.destroy();
    assert(grown < 500, `grown by ${Math.round(grown)} MB for 15 readers of 10 MB`);
  });

  it('outlives streams that are reset as soon as they are opened', async () => {
    const session = await openSession();
    for (let count = 0; count < 3_000 && !session.destroyed; count += 1) {
      const stream = session.request({ ':path': configMaps });
      stream.on('error', () => undefined);
      stream.close(8);
      if (count % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    session.destroy();
  });

  it('ends a session of endless header frames', async () => {
    const socket = await openTls(['h2']);
    const closed = readAll(socket, 10_000);
    const frame = (type: number, stream: number, payload: Buffer): Buffer => {
      const head = Buffer.alloc(9);
      head.writeUIntBE(payload.length, 0, 3);
      head.writeUInt8(type, 3);
      head.writeUInt32BE(stream, 5);
      return Buffer.concat([head, payload]);
    };
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(frame(4, 0, Buffer.alloc(0)));
    // A literal header field without indexing: "x: y", over and over, and never the end of the headers.
    const field = Buffer.concat(Array.from({ length: 3_000 }, () => Buffer.from([0x00, 1, 0x78, 1, 0x79])));
    socket.write(frame(1, 1, field));
    for (let count = 0; count < 2_000 && !socket.destroyed; count += 1) {
      await new Promise((resolve) => socket.write(frame(9, 1, field), resolve));
    }
    await closed;
    assert(socket.destroyed);
  });

  function openSession(): Promise<ClientHttp2Session> {
    const { caPem: ca, certPem: cert, keyPem: key } = server.adminTls;
    return new Promise((resolve, reject) => {
      const session = connectHttp2(server.url, { ca, cert, key, servername: 'localhost' });
      session.once('connect', () => {
        resolve(session);
      });
      session.on('error', reject);
    });
  }
});
