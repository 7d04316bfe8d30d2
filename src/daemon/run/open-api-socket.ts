import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { ApiServer } from '../../apiserver/api-server.ts';
import { acceptForwarded } from '../../consensus/link/accept-forwarded.ts';

/** A Unix socket for the parts of the member itself, beside its one port. */
export async function openApiSocket(
  path: string,
  apiServer: Pick<ApiServer, 'handleConnection'>,
): Promise<AsyncDisposable> {
  // Left by a process that was killed; the data directory is locked, so nobody else listens on it.
  await rm(path, { force: true });
  const server = createServer({ pauseOnConnect: false });
  acceptForwarded(server, (socket, remote) => {
    apiServer.handleConnection(socket, remote);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: () => {
      // Not waited for: it ends with the last connection, and those are the API server's to close.
      server.close();
      return Promise.resolve();
    },
  };
}
