import { isIP } from 'node:net';
import { detectHost } from '../init/detect-host.ts';

/** The IP address of the interface on which a member with this `host:port` is; of the default route for a name. */
export function interfaceAddressOf(address: string): string {
  const host = new URL(`https://${address}`).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? detectHost().address : host;
}
