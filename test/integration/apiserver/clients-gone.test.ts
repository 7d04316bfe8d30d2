import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { pino } from 'pino';
import type { Store } from '../../../src/consensus/store/store.ts';
import { type TestApiServer, startTestApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/eventually.ts';

const path = '/api/v1/namespaces/default/configmaps';

interface Line {
  readonly level: number;
  readonly msg: string;
}

describe('apiserver and clients that do not wait', () => {
  const lines: Line[] = [];
  let server: TestApiServer;

  before(async () => {
    const logger = pino(
      { level: 'debug' },
      { write: (line: string) => lines.push(JSON.parse(line) as Line) },
    );
    server = await startTestApiServer({ logger });
    holdReads(server.store);
  });
  after(() => server.close());
  beforeEach(() => lines.splice(0));

  /** Lists wait until their client is gone, and fail then as the real store does. */
  function holdReads(store: Store): void {
    store.readBarrier = (signal) =>
      new Promise((_resolve, reject) => {
        const fail = (): void => reject(new Error('the read was given up'));
        signal.addEventListener('abort', fail, { once: true });
      });
  }

  async function expectNoFuss(): Promise<void> {
    await eventually('line about the client', 20_000, async () => {
      await Promise.resolve();
      assert.ok(lines.some(({ msg }) => msg === 'a client did not wait'));
    });
    assert.deepEqual(
      lines.filter(({ level }) => level >= 40),
      [],
    );
  }

  it('say nothing of a stream of HTTP/2 that was reset', async () => {
    const { caPem: ca, certPem: cert, keyPem: key } = server.adminTls;
    const session = connect(server.url, { ca, cert, key, servername: 'localhost' });
    await once(session, 'connect');
    const stream = session.request({ ':path': path });
    await new Promise((resolve) => session.ping(Buffer.alloc(8), resolve));
    stream.close(8);
    await expectNoFuss();
    session.destroy();
  });

  it('say nothing of a connection of HTTP/1.1 that was cut', async () => {
    const { caPem: ca, certPem: cert, keyPem: key } = server.adminTls;
    const asked = request(`${server.url}${path}`, { ca, cert, key, servername: 'localhost' });
    asked.on('error', () => undefined);
    asked.end();
    await once(asked, 'finish');
    await new Promise((resolve) => setTimeout(resolve, 100));
    asked.destroy();
    await expectNoFuss();
  });
});
