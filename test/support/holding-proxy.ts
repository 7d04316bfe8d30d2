import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy that can play a network which swallows everything without closing anything. */
export interface HoldingProxy {
  readonly address: string;
  /** From now on nothing gets through, and connections that exist stay silent for ever. */
  hold(): void;
  /** New connections work again. */
  release(): void;
  close(): void;
}

export async function startHoldingProxy(port: number): Promise<HoldingProxy> {
  const sockets = new Set<Socket>();
  let isHolding = false;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    track(client);
    if (isHolding) return;
    const target = connect(port, '127.0.0.1');
    track(target);
    client.pipe(target);
    target.pipe(client);
    client.once('close', () => target.destroy());
    target.once('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold() {
      isHolding = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.removeAllListeners('close');
        socket.pause();
      }
    },
    release() {
      isHolding = false;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
