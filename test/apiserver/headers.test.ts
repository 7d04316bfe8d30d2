import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type TestClient, createTestClient } from '../support/api-client.ts';
import { type TestApiServer, startTestApiServer } from '../support/api-server.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const zipped = { accept: 'application/yaml', 'accept-encoding': 'gzip' };

/** Section 2.4 of docs/kubernetes-compatibility.md. */
describe('headers of answers', () => {
  let server: TestApiServer;
  let api: TestClient;
  let session: ClientHttp2Session;

  before(async () => {
    server = await startTestApiServer();
    api = createTestClient(server.url, server.adminTls);
    const { caPem: ca, certPem: cert, keyPem: key } = server.adminTls;
    session = connect(server.url, { ca, cert, key, servername: 'localhost' });
    const big = { metadata: { name: 'big' }, data: { value: 'x'.repeat(200_000) } };
    assert.equal((await api.send('POST', configMaps, big)).code, 201);
    await api.send('POST', configMaps, { metadata: { name: 'small' } });
  });
  after(async () => {
    session.destroy();
    await api.close();
    await server.close();
  });

  it('compress what is larger than 128 KiB, for who takes it', async () => {
    const big = await api.send('GET', `${configMaps}/big`, undefined, zipped);
    assert.deepEqual([big.headers['content-encoding'], big.headers['vary']], ['gzip', 'Accept-Encoding']);
    const small = await api.send('GET', `${configMaps}/small`, undefined, zipped);
    assert.equal(small.headers['content-encoding'], undefined);
    const plain = await api.send('GET', `${configMaps}/big`);
    assert.equal(plain.headers['content-encoding'], undefined);
  });

  it('name the request, and forbid to keep the answer', async () => {
    const { headers } = await api.send('GET', `${configMaps}/small`);
    assert.match(String(headers['audit-id']), /^[0-9a-f-]{36}$/);
    assert.equal(headers['cache-control'], 'no-cache, private');
  });

  it('are all that HEAD answers', async () => {
    const { code, length, bytes } = await head(`${configMaps}/small`);
    assert.deepEqual([code, length > 0, bytes], [200, true, 0]);
    assert.equal((await head(`${configMaps}/gone`)).code, 404);
  });

  it('warn of unknown fields, and stay small however many there are', async () => {
    const few = await api.send('POST', `${configMaps}?dryRun=All`, { metadata: { name: 'w' }, dta: {} });
    assert.equal(few.headers['warning'], '299 - "unknown field \\"dta\\""');
    const unknown = Array.from({ length: 500 }, (_, index): [string, number] => [
      `unknown-${'x'.repeat(50)}-${index}`,
      1,
    ]);
    const body = { metadata: { name: 'w' }, ...Object.fromEntries(unknown) };
    const many = await api.send('POST', `${configMaps}?dryRun=All`, body);
    assert.equal(many.code, 201);
    assert(String(many.headers['warning']).length < 8_000);
  });

  async function head(path: string): Promise<{ code: number; length: number; bytes: number }> {
    const stream = session.request({ ':method': 'HEAD', ':path': path });
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number; length: number }>();
    stream.once('response', (headers) =>
      resolve({ code: headers[':status'] ?? 0, length: Number(headers['content-length']) }),
    );
    stream.once('error', reject);
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;
    return { ...(await promise), bytes };
  }
});
