import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { ApiServer } from '../../apiserver/api-server.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import { formatDoor, type Door } from './plan-doors.ts';

/** The addresses for clients only: what comes in there goes to the API server and nowhere else. */
export interface ApiDoors {
  /** Opens what is missing and closes what is not wanted; answers what could not be opened, and why. */
  set(doors: readonly Door[]): Promise<readonly string[]>;
  list(): readonly string[];
  close(): void;
}

export function createApiDoors(apiServer: Pick<ApiServer, 'handleConnection'>, logger: Logger): ApiDoors {
  const open = new Map<string, Server>();
  const shut = (name: string, server: Server): void => {
    open.delete(name);
    // Connections that it has accepted go on: those are the API server's.
    server.close();
  };
  return {
    async set(doors) {
      const wanted = new Map(doors.map((door) => [formatDoor(door), door]));
      for (const [name, server] of [...open]) {
        if (wanted.has(name)) continue;
        shut(name, server);
        logger.info({ address: name }, 'clients are not served here any more');
      }
      const problems: string[] = [];
      for (const [name, door] of wanted) {
        if (open.has(name)) continue;
        try {
          open.set(name, await openDoor(door, apiServer));
          logger.info({ address: name }, 'clients are served here too');
        } catch (error) {
          if (door.isOptional !== true) problems.push(`it cannot listen on ${name}: ${explain(error)}`);
        }
      }
      return problems;
    },
    list: () => [...open.keys()],
    close() {
      for (const [name, server] of [...open]) shut(name, server);
    },
  };
}

async function openDoor(
  { host, port }: Door,
  apiServer: Pick<ApiServer, 'handleConnection'>,
): Promise<Server> {
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const { remoteAddress = '', remotePort = 0 } = socket;
    apiServer.handleConnection(socket, { address: remoteAddress, port: remotePort });
  });
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'another program listens there';
  return code === 'EADDRNOTAVAIL' ? 'no interface of this host has this address' : describeError(error);
}
