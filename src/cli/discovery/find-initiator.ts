import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv4 } from 'node:net';
import { systemClock } from '../../base/clock.ts';
import { UsageError } from '../usage-error.ts';
import {
  discoveryGroup,
  discoveryPort,
  encodeQuestion,
  parseAnnouncement,
  type Announcement,
  type JoinIntent,
} from './discovery-protocol.ts';
import { readLine } from './read-line.ts';
import { createSeal } from './seal.ts';

export interface FoundInitiator extends Announcement {
  readonly address: string;
}

export interface LookUp {
  /** Address of the interface on which to ask. */
  readonly host: string;
  /** Asked alone, where multicast does not reach it. */
  readonly initiatorAddress?: string;
  readonly timeoutMs: number;
}

const askEveryMs = 1_000;
const connectMs = 10_000;

/** Asks the local network until somebody answers; the first one counts. Nothing that is answered is believed yet. */
export async function findInitiator({ host, initiatorAddress, timeoutMs }: LookUp): Promise<FoundInitiator> {
  const target = initiatorAddress ?? discoveryGroup;
  const socket = createSocket({ type: isIPv4(target) ? 'udp4' : 'udp6', reuseAddr: true });
  const { promise, resolve, reject } = Promise.withResolvers<FoundInitiator>();
  socket.on('message', (datagram, { address }) => {
    const announcement = parseAnnouncement(datagram);
    if (announcement !== undefined) resolve({ ...announcement, address });
  });
  // A network that is not there yet may come.
  socket.on('error', () => undefined);
  socket.bind(0);
  await once(socket, 'listening');
  if (initiatorAddress === undefined) {
    try {
      socket.setMulticastInterface(host);
    } catch (error) {
      socket.close();
      throw new UsageError(`no interface of this host has the address ${host}: pass --address`, {
        cause: error,
      });
    }
  }
  const state = { cancelNext: (): void => undefined };
  const ask = (): void => {
    socket.send(encodeQuestion(), discoveryPort, target, () => undefined);
    state.cancelNext = systemClock.after(askEveryMs, ask);
  };
  const cancelGiveUp = systemClock.after(timeoutMs, () => {
    const advice =
      initiatorAddress === undefined
        ? 'is "muster init --discover" running on a host of the same network? --initiator-address ADDRESS asks it directly'
        : 'is "muster init --discover" running there?';
    reject(new UsageError(`nobody has answered within ${timeoutMs / 1_000} s: ${advice}`));
  });
  ask();
  try {
    return await promise;
  } finally {
    state.cancelNext();
    cancelGiveUp();
    socket.close();
  }
}

export interface AskForToken extends Pick<JoinIntent, 'address' | 'name'> {
  readonly passphrase: string;
  /** As long as the person at the initiator may take to answer. */
  readonly timeoutMs: number;
}

/** A join token from the initiator, which is sure then to know the passphrase too. */
export async function askForToken(
  initiator: FoundInitiator,
  { passphrase, name, address, timeoutMs }: AskForToken,
): Promise<string> {
  const seal = await createSeal(passphrase, initiator.sessionId);
  const nonce = randomBytes(16).toString('hex');
  const intent: JoinIntent = { nonce, name, address };
  const socket = connect({ host: initiator.address, port: initiator.port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) });
    socket.write(`${seal.close('to-initiator', intent)}\n`);
    const answer = await readLine(socket, AbortSignal.timeout(timeoutMs));
    if (answer === 'wrong') throw new UsageError(`wrong passphrase: ${initiator.name} shows another one`);
    const verdict = seal.open('to-joiner', answer);
    if (verdict?.['nonce'] !== nonce) {
      throw new UsageError(
        `${initiator.address} does not know the passphrase: it is not the one that shows it`,
      );
    }
    const { token, refusal } = verdict;
    if (typeof token === 'string') return token;
    throw new UsageError(`${initiator.name} does not let this host in: ${String(refusal)}`);
  } finally {
    socket.destroy();
  }
}
