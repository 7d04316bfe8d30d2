import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { backupHeader, backupPath, type BackupSummary } from '../../api/backup.ts';
import { openApiConnection } from '../../runtime/api-connection.ts';
import { refusalFrom } from '../../runtime/to-api-error.ts';
import { withCluster } from '../cluster-connection.ts';
import type { GlobalFlags } from '../program/flags.ts';

const limitMs = 3_600_000;
const tellEveryBytes = 16 * 1024 * 1024;
const mebibyte = 1024 * 1024;

/** Writes a backup of the cluster into a file, which is there whole or not at all. */
export async function takeBackup(file: string, { kubeconfig }: GlobalFlags): Promise<void> {
  await withCluster(
    kubeconfig,
    async ({ endpoint, signal }) => {
      const connection = openApiConnection(endpoint);
      try {
        const request = { method: 'GET', path: backupPath, headers: { accept: 'application/x-tar' } };
        const response = await connection.send(request, signal);
        if (response.statusCode !== 200) {
          throw refusalFrom(
            response.statusCode ?? 0,
            await text(response),
            `GET ${endpoint.server}${backupPath}`,
          );
        }
        await save(response, file);
      } finally {
        connection.close();
      }
    },
    limitMs,
  );
}

async function save(response: IncomingMessage, file: string): Promise<void> {
  const summary = JSON.parse(String(response.headers[backupHeader])) as BackupSummary; // written by a member
  const expectedBytes = Number(response.headers['content-length']);
  const draft = `${file}.part`;
  const hash = createHash('sha256');
  let receivedBytes = 0;
  // It holds every secret of the cluster.
  const handle = await open(draft, 'w', 0o600);
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      await handle.write(chunk);
      hash.update(chunk);
      const before = Math.floor(receivedBytes / tellEveryBytes);
      receivedBytes += chunk.length;
      if (Math.floor(receivedBytes / tellEveryBytes) > before) tellProgress(receivedBytes, expectedBytes);
    }
    if (receivedBytes !== expectedBytes) {
      throw new Error(`the backup ended after ${receivedBytes} of ${expectedBytes} bytes; try again`);
    }
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
  const { clusterId, revision, entryCount, createdAt } = summary;
  console.log(
    `wrote ${file}: cluster ${clusterId} at revision ${revision} (${entryCount} entries), ${createdAt}`,
  );
  console.log(
    `sha256 ${hash.digest('hex')}, ${receivedBytes} bytes. Keep it secret: it holds the cluster's keys.`,
  );
}

function tellProgress(receivedBytes: number, expectedBytes: number): void {
  const mib = (bytes: number): string => (bytes / mebibyte).toFixed(0);
  console.error(`${mib(receivedBytes)} of ${mib(expectedBytes)} MiB`);
}
