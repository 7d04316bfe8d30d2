import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import type { DataDir } from './data-dir.ts';
import { OperatorError } from './operator-error.ts';

/**
 * One musterd per data directory. A listening socket is a lock that the kernel drops when its process dies, seen
 * across network namespaces; the database helper's own lock closes the gap while a dead socket is taken over.
 */
export async function lockDataDir({ root, lockSocket }: DataDir): Promise<AsyncDisposable> {
  const server = await tryListen(lockSocket);
  if (server !== undefined) return holder(server);
  if (await isAnswered(lockSocket)) {
    throw new OperatorError(`another musterd works on ${root}; stop it first`);
  }
  await rm(lockSocket, { force: true });
  const second = await tryListen(lockSocket);
  if (second === undefined) throw new OperatorError(`another musterd has just started on ${root}`);
  return holder(second);
}

export async function isDataDirLocked({ lockSocket }: DataDir): Promise<boolean> {
  return isAnswered(lockSocket);
}

function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new OperatorError(`cannot lock the data directory with ${path}`, { cause: error }));
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function holder(server: Server): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
