import { isIP, isIPv4, isIPv6 } from 'node:net';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu;
const hostnameLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/iu;
const date = /^\d{4}-\d\d-\d\d$/u;
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/u;
const duration = /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/u;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/u;
const mac = /^([0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}$/iu;
const email = /^[^\s@<>"(),;:\\[\]]{1,64}@[^\s@<>"(),;:\\[\]]{1,255}$/u;

/**
 * The formats that Kubernetes checks on strings. All others are ignored there, and so here: a format is a hint of
 * the author, and a CRD that works elsewhere must work with us.
 */
export const stringFormats: Readonly<Record<string, (text: string) => boolean>> = {
  byte: (text) => text.length % 4 === 0 && base64.test(text),
  cidr: isCidr,
  date: isDate,
  'date-time': isDateTime,
  datetime: isDateTime,
  duration: isDuration,
  email: (text) => email.test(text),
  hostname: isHostname,
  ip: (text) => isIP(text) !== 0,
  ipv4: isIPv4,
  ipv6: isIPv6,
  mac: (text) => mac.test(text),
  uri: (text) => text.startsWith('/') || URL.canParse(text),
  uuid: (text) => uuid.test(text),
};

/** Ranges that a number format sets; what JavaScript cannot hold exactly has been refused before. */
export const integerFormats: Readonly<Record<string, (value: number) => boolean>> = {
  int32: (value) => value >= -(2 ** 31) && value < 2 ** 31,
  uint32: (value) => value >= 0 && value < 2 ** 32,
};

function isDate(text: string): boolean {
  if (!date.test(text)) return false;
  const parsed = new Date(`${text}T00:00:00Z`);
  // Date accepts February 30 and moves it into March.
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const day = dateTime.exec(text)?.[1];
  return day !== undefined && isDate(day);
}

function isDuration(text: string): boolean {
  if (/^[+-]?0$/u.test(text)) return true;
  let rest = text.replace(/^[+-]/u, '');
  while (rest !== '') {
    const part = /^[+-]/u.test(rest) ? undefined : duration.exec(rest)?.[0];
    if (part === undefined) return false;
    rest = rest.slice(part.length);
  }
  return text !== '';
}

function isHostname(text: string): boolean {
  const bare = text.endsWith('.') ? text.slice(0, -1) : text;
  return bare.length <= 253 && bare.split('.').every((label) => hostnameLabel.test(label));
}

function isCidr(text: string): boolean {
  const [address, prefix, ...more] = text.split('/');
  if (address === undefined || prefix === undefined || more.length > 0) return false;
  const family = isIP(address);
  return family !== 0 && /^\d{1,3}$/u.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128);
}
