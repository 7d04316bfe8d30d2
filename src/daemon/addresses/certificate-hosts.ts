import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isWildcard, parseAddress } from '../address.ts';
import type { DoorWishes } from './plan-doors.ts';

/** Under which names and addresses this member is reached: its certificate has to carry them all. */
export function listCertificateHosts(
  address: string,
  { addresses, virtualAddress }: DoorWishes,
  localAddresses: readonly string[],
): readonly string[] {
  const all = [address, ...addresses, ...(virtualAddress === undefined ? [] : [virtualAddress])];
  const hosts = all.flatMap((one) => {
    const parsed = parseAddress(one);
    if (parsed.problem !== undefined) return [];
    return isWildcard(parsed.host) ? localAddresses.filter((ip) => isIP(ip) !== 0) : [parsed.host];
  });
  return [...new Set(hosts)];
}

/** Whether somebody who knows the member by one of these hosts would refuse the certificate. */
export function lacksHost(certPem: string, hosts: readonly string[]): boolean {
  const certificate = new X509Certificate(certPem);
  return hosts.some((host) => {
    const found = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
    return found === undefined;
  });
}
