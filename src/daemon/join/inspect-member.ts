import { X509Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { memberServerName } from '../../api/names.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Clock } from '../../base/clock.ts';
import { requireAddress } from '../address.ts';
import { fingerprintOf } from '../pki/public-key.ts';

const handshakeMs = 5_000;

/**
 * Connects to an address and returns the certificate of the authority in the presented chain when it has the
 * fingerprint, undefined when it has not. Nothing is sent: at this point nobody is trusted yet.
 */
export async function fetchAuthority(
  address: string,
  fingerprint: string,
  waiting: Waiting,
): Promise<string | undefined> {
  const chain = await fetchChain(address, waiting);
  return chain
    .find((certificate) => certificate.ca && fingerprintOf(certificate) === fingerprint)
    ?.toString();
}

/** The fingerprint that somebody has to recognise before this host trusts the address. */
export async function fetchFingerprint(address: string, waiting: Waiting): Promise<string | undefined> {
  const chain = await fetchChain(address, waiting);
  const authority = chain.find((certificate) => certificate.ca && certificate.checkIssued(certificate));
  return authority === undefined ? undefined : fingerprintOf(authority);
}

interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function fetchChain(address: string, { clock, signal }: Waiting): Promise<readonly X509Certificate[]> {
  const { host, port } = requireAddress(address);
  using deadline = createDeadline(clock, handshakeMs, `connecting to ${address}`, signal);
  const socket = connect({
    ...{ host, port, servername: memberServerName },
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  try {
    await waitForHandshake(socket, deadline.signal);
    return chainOf(socket);
  } finally {
    socket.destroy();
  }
}

function waitForHandshake(socket: TLSSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (): void => {
      socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', give);
      resolve();
    });
    socket.on('error', reject);
    signal.addEventListener('abort', give, { once: true });
    if (signal.aborted) give();
  });
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain = new Map<string, X509Certificate>();
  // An empty object stands for "no certificate", and the last one names itself as its issuer.
  let next: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined && !chain.has(next.raw.toString('base64'))) {
    chain.set(next.raw.toString('base64'), new X509Certificate(next.raw));
    next = next.issuerCertificate;
  }
  return [...chain.values()];
}
