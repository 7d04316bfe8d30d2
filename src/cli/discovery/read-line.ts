import type { Socket } from 'node:net';
import { longestMessage } from './discovery-protocol.ts';

/** The first line that the other side sends. Rejects when it is too long, or does not come. */
export async function readLine(socket: Socket, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = '';
  const give = (): void => {
    reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
  };
  signal.addEventListener('abort', give, { once: true });
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    const end = received.indexOf('\n');
    if (end >= 0) resolve(received.slice(0, end));
    else if (received.length > longestMessage) reject(new Error('it sends more than a message can have'));
  });
  socket.once('close', () => reject(new Error('the connection was closed')));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', give);
  }
}
