import assert from 'node:assert/strict';
import { connect, type TLSSocket } from 'node:tls';

import { createTestClient, type TestClient } from '../../support/api-client.ts';
import { startTestApiServer, type TestApiServer } from '../../support/api-server.ts';
import { mustCommit, put } from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';

const path = '/api/v1/namespaces/default/configmaps';
const writeCount = 14_000;

/**
 * #17529: a watcher that did not read for a while missed events. Here it gets all of them, or is cut off at some point
 * before which nothing is missing, and gets the rest when it resumes.
 */
export async function starvedWatcher(): Promise<void> {
  const api = await startTestApiServer();
  const client = createTestClient(api.url, api.adminTls);
  try {
    const from = api.store.revision;
    const last = from + writeCount;
    const starved = await openStarved(api, from);
    for (let number = 1; number <= writeCount; number += 1) {
      const metadata = { name: `slow-${number}`, namespace: 'default', uid: `u-${number}` };
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { pad: 'x'.repeat(600) } };
      await mustCommit(api.store, [
        put(`/registry/core/configmaps/default/slow-${number}`, JSON.stringify(object)),
      ]);
    }
    const first = await readToEnd(starved, last);
    assertGapless(first, from);
    const reached = first.at(-1) ?? from;
    const rest = reached === last ? [] : await resume(client, reached, last);
    assertGapless(rest, reached);
    assert.equal(rest.at(-1) ?? reached, last);
  } finally {
    await client.close();
    await api.close();
  }
}

function openStarved({ url, adminTls }: TestApiServer, from: number): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const tls = { ca: adminTls.caPem, cert: adminTls.certPem, key: adminTls.keyPem, servername: 'localhost' };
    const socket = connect({ host: hostname, port: Number(port), ...tls }, () => {
      socket.write(`GET ${path}?watch=true&resourceVersion=${from} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      // Whatever is pushed from now on waits in the kernel, and then in the server.
      socket.pause();
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Reads what there is, up to the last write or the end of the stream. */
async function readToEnd(socket: TLSSocket, last: number): Promise<readonly number[]> {
  const state = { text: '', isEnded: false };
  socket.on('data', (chunk: Buffer) => (state.text += chunk.toString()));
  for (const event of ['close', 'end', 'error']) socket.on(event, () => (state.isEnded = true));
  socket.resume();
  const isLast = (): boolean => state.text.includes(`"resourceVersion":"${last}"`);
  await waitUntil(
    () => assert(state.isEnded || isLast(), 'the stream neither ended nor is complete'),
    20_000,
  );
  socket.destroy();
  const events = state.text.matchAll(/"type":"ADDED".*?"resourceVersion":"(\d+)"/g);
  return [...events].map(([, revision]) => Number(revision));
}

async function resume(client: TestClient, from: number, last: number): Promise<readonly number[]> {
  const revisions: number[] = [];
  const stop = new AbortController();
  const lines = client.watch(`${path}?watch=true&resourceVersion=${from}`, stop.signal);
  for await (const { object } of lines) {
    revisions.push(revisionOf(object));
    if (revisions.at(-1) === last) break;
  }
  return revisions;
}

function revisionOf(object: Readonly<Record<string, unknown>>): number {
  const { resourceVersion } = object['metadata'] as { readonly resourceVersion: string };
  return Number(resourceVersion);
}

function assertGapless(revisions: readonly number[], after: number): void {
  for (const [index, revision] of revisions.entries()) assert.equal(revision, after + index + 1);
}
