import type { Server, Socket } from 'node:net';

export interface RemoteEnd {
  readonly address: string;
  readonly port: number;
}

// "PROXY TCP6 " with two full IPv6 addresses and ports: the limit of the PROXY protocol, version 1.
const maxPrefaceBytes = 107;
const unknownRemote: RemoteEnd = { address: '', port: 0 };

/** The line that the front door sends before the client's bytes (PROXY protocol, version 1). */
export function formatPreface(remote: RemoteEnd, local: RemoteEnd): string {
  const family = remote.address.includes(':') ? 'TCP6' : 'TCP4';
  return `PROXY ${family} ${remote.address} ${local.address} ${remote.port} ${local.port}\r\n`;
}

export function parsePreface(line: string): RemoteEnd | undefined {
  const match = /^PROXY TCP[46] (\S+) \S+ (\d+) \d+$/.exec(line);
  if (match?.[1] === undefined) return line === 'PROXY UNKNOWN' ? unknownRemote : undefined;
  return { address: match[1], port: Number(match[2]) };
}

/**
 * Takes connections that the front door forwards to `server`, strips the preface, and hands over a
 * paused socket whose next bytes are the first of the client's TLS stream.
 */
export function acceptForwarded(
  server: Server,
  onConnection: (socket: Socket, remote: RemoteEnd) => void,
): void {
  server.on('connection', (socket: Socket) => {
    const ignoreUntilHandedOver = () => socket.destroy();
    socket.on('error', ignoreUntilHandedOver);
    let received = Buffer.alloc(0);
    const read = () => {
      const chunk = socket.read() as Buffer | null; // -- binary mode: chunks are Buffers
      if (chunk === null) return;
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n');
      if (end < 0 && received.length <= maxPrefaceBytes) return;
      socket.off('readable', read);
      socket.off('error', ignoreUntilHandedOver);
      const remote = end < 0 ? undefined : parsePreface(received.toString('latin1', 0, end));
      if (remote === undefined) {
        socket.destroy();
        return;
      }
      const rest = received.subarray(end + 2);
      if (rest.length > 0) socket.unshift(rest);
      onConnection(socket, remote);
    };
    socket.on('readable', read);
  });
}
