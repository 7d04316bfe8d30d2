import { isIP } from 'node:net';
import { memberServerName } from '../../api/names.ts';
import type { Consensus } from '../../consensus/consensus.ts';
import { formatPreface } from '../../consensus/link/accept-forwarded.ts';
import type { ApiEndpoint } from '../../runtime/api-connection.ts';
import { isWildcard, requireAddress, type HostPort } from '../address.ts';
import type { MemberConfig } from '../config.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { isMemberOf, type Vouching } from '../pki/is-member-of.ts';

/** Where to listen: only on the member's address when that is one of this host's, else everywhere. */
export function chooseListen({ address, listen }: MemberConfig): HostPort {
  const { host, port } = requireAddress(listen ?? address);
  return isIP(host) === 0 ? { host: '::', port } : { host, port };
}

const loopback = { address: '127.0.0.1', port: 0 };

/**
 * This member's own API, as the parts of the member itself reach it: with a certificate, as everybody, but over a
 * socket beside its one port, which is there whatever addresses the host has.
 */
export function describeOwnEndpoint(
  config: MemberConfig,
  vouching: Vouching,
  { certPem, keyPem }: KeyedCertificate,
  { port, apiSocketPath }: Pick<Consensus, 'apiSocketPath' | 'port'>,
): ApiEndpoint {
  const { host } = chooseListen(config);
  const reachable = isWildcard(host) ? (host === '::' ? '::1' : '127.0.0.1') : host;
  const urlHost = isIP(reachable) === 6 ? `[${reachable}]` : reachable;
  return {
    server: `https://${urlHost}:${port}`,
    serverName: memberServerName,
    isServer: isMemberOf(vouching),
    ...{ caPem: vouching.authorities().join(''), certPem, keyPem },
    local: { socketPath: apiSocketPath, preface: formatPreface(loopback, loopback) },
  };
}
