import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { ConsensusError } from '../consensus-error.ts';
import { pinnedTlsOptions, presentedKey } from '../link/pinned-tls.ts';
import { peerProtocol } from '../link/protocols.ts';
import { splitAddress } from '../link/split-address.ts';
import type { TlsMaterial } from '../link/tls-material.ts';
import type { Peer } from '../membership/membership.ts';

const connectLimitMs = 2_000;

export function createMemberContext({ certPem, keyPem }: TlsMaterial): SecureContext {
  return createSecureContext({ cert: certPem, key: keyPem, minVersion: 'TLSv1.3' });
}

/** Opens the channel to another member, and to nobody else: its key must be the one in the directory. */
export async function connectToPeer(
  peer: Peer,
  secureContext: SecureContext,
  clock: Clock,
  parent: AbortSignal,
): Promise<TLSSocket> {
  using deadline = createDeadline(clock, connectLimitMs, `connecting to member ${peer.name}`, parent);
  const { host, port } = splitAddress(peer.address);
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  // The name is not checked and the date does not matter: the pinned key says who it is.
  const socket = connect({
    ...pinnedTlsOptions,
    ...{ host, port, secureContext, ALPNProtocols: [peerProtocol] },
  });
  const abort = (): void => {
    socket.destroy(deadline.signal.reason as Error);
  };
  deadline.signal.addEventListener('abort', abort, { once: true });
  socket.once('secureConnect', () => resolve(socket));
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`member ${peer.name} closed the connection`)));
  try {
    await promise;
    if (presentedKey(socket) !== peer.publicKeySha256 || socket.alpnProtocol !== peerProtocol) {
      throw new Error(`${peer.address} did not show the key of member ${peer.name}`);
    }
    socket.setKeepAlive(true, 1_000);
    socket.setNoDelay(true);
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new ConsensusError('NotLeader', `connecting to member ${peer.name}`, { cause });
  } finally {
    deadline.signal.removeEventListener('abort', abort);
  }
}
