import { isIP } from 'node:net';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export type ParsedAddress = (HostPort & { readonly problem?: undefined }) | { readonly problem: string };

const hostPattern =
  /^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):(?<port>\d{1,5})$/;

/** Reads `host:port`, `192.0.2.1:port` or `[2001:db8::1]:port`. */
export function parseAddress(text: string): ParsedAddress {
  const { ipv6, host = ipv6, port = '' } = hostPattern.exec(text)?.groups ?? {};
  if (host === undefined) return { problem: `"${text}" is not of the form host:port` };
  if (ipv6 !== undefined && isIP(ipv6) !== 6) return { problem: `"${ipv6}" is not an IPv6 address` };
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) return { problem: `"${host}" is not an IPv4 address` };
  if (Number(port) < 1 || Number(port) > 65_535) {
    return { problem: `the port of "${text}" is not between 1 and 65535` };
  }
  return { host, port: Number(port) };
}

/** The same for a text that was checked when it came in. */
export function requireAddress(text: string): HostPort {
  const parsed = parseAddress(text);
  if (parsed.problem !== undefined) throw new Error(parsed.problem);
  return parsed;
}

/** The unspecified addresses say where to listen; nobody can be reached there. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
