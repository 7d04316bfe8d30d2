import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv4, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../base/describe-error.ts';
import { UsageError } from '../usage-error.ts';
import {
  discoveryGroup,
  discoveryPort,
  encodeAnnouncement,
  isQuestion,
  type JoinIntent,
  type JoinVerdict,
} from './discovery-protocol.ts';
import { readLine } from './read-line.ts';
import { createSeal, type Seal } from './seal.ts';

export interface TrustSessionOptions {
  readonly passphrase: string;
  /** Name of this member. */
  readonly name: string;
  /** Address of the interface on which hosts are looked for. */
  readonly host: string;
  /** A join token for the host, or a `UsageError` that says why it gets none. */
  readonly admit: (host: Pick<JoinIntent, 'address' | 'name'>) => Promise<string>;
  readonly tell: (line: string) => void;
}

const mostFailures = 50;
const attemptDelayMs = 100;
const requestMs = 10_000;
const mostConnections = 16;

/**
 * Lets hosts in that know the passphrase, until the signal aborts or too many have guessed. Rejects when the ports
 * are taken, or with what ended the session.
 */
export async function runTrustSession(options: TrustSessionOptions, signal: AbortSignal): Promise<void> {
  const sessionId = randomBytes(16).toString('hex');
  const seal = await createSeal(options.passphrase, sessionId);
  const failed = Promise.withResolvers<never>();
  const guesses = { count: 0 };
  const onWrong = (from: string): void => {
    guesses.count += 1;
    options.tell(`Somebody at ${from} does not know the passphrase.`);
    if (guesses.count < mostFailures) return;
    failed.reject(new Error(`the session has ended: ${mostFailures} attempts had another passphrase`));
  };
  await using stack = new AsyncDisposableStack();
  const server = await listen((socket) => {
    serve(socket, { ...options, seal, onWrong }).catch((error: unknown) => {
      options.tell(`A host has gone away: ${describeError(error)}`);
      socket.destroy();
    });
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  stack.defer(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const announcing = await announce(options, sessionId);
  stack.defer(() => {
    announcing.close();
  });
  const aborted = once(signal, 'abort');
  if (!signal.aborted) await Promise.race([aborted, failed.promise]);
}

async function listen(serveSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer(serveSocket);
  server.maxConnections = mostConnections;
  server.listen({ port: discoveryPort, host: '::' });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new UsageError(
      `port ${discoveryPort} cannot be opened: there may be another session on this host`,
      {
        cause: error,
      },
    );
  }
  return server;
}

async function announce({ name, host }: TrustSessionOptions, sessionId: string): Promise<UdpSocket> {
  const socket = createSocket({ type: isIPv4(host) ? 'udp4' : 'udp6', reuseAddr: true });
  const announcement = encodeAnnouncement({ sessionId, name, port: discoveryPort });
  // An answer that is lost is asked for again.
  socket.on('error', () => undefined);
  socket.on('message', (datagram, from) => {
    if (isQuestion(datagram)) socket.send(announcement, from.port, from.address);
  });
  socket.bind(discoveryPort);
  await once(socket, 'listening');
  // Over IPv6, hosts name the initiator themselves.
  if (isIPv4(host)) socket.addMembership(discoveryGroup, host);
  return socket;
}

interface Serving extends TrustSessionOptions {
  readonly seal: Seal;
  readonly onWrong: (from: string) => void;
}

async function serve(socket: Socket, { seal, admit, onWrong, tell }: Serving): Promise<void> {
  const from = (socket.remoteAddress ?? 'an unknown address').replace(/^::ffff:/, '');
  socket.on('error', () => socket.destroy());
  const sealed = await readLine(socket, AbortSignal.timeout(requestMs));
  // Takes the worth out of trying many.
  await sleep(attemptDelayMs);
  const intent = parseIntent(seal.open('to-initiator', sealed));
  if (intent === undefined) {
    onWrong(from);
    socket.end('wrong\n');
    return;
  }
  const { nonce, name, address } = intent;
  const answer = async (): Promise<JoinVerdict> => {
    try {
      return { nonce, token: await admit({ name, address }) };
    } catch (error) {
      tell(`${name} at ${from} was not let in: ${describeError(error)}`);
      return { nonce, refusal: describeError(error) };
    }
  };
  socket.end(`${seal.close('to-joiner', await answer())}\n`);
}

function parseIntent(fields: Readonly<Record<string, unknown>> | undefined): JoinIntent | undefined {
  const { nonce, name, address } = fields ?? {};
  const isGood = typeof nonce === 'string' && typeof name === 'string' && typeof address === 'string';
  return isGood ? { nonce, name, address } : undefined;
}
