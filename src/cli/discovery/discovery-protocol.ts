/** IPv4 multicast group and UDP port of the question, and TCP port of the session: those of MicroCloud. */
export const discoveryGroup = '239.100.100.100';
export const discoveryPort = 9_444;
/** Longer ones are not looked at. */
export const longestDatagram = 500;
/** One line of JSON. */
export const longestMessage = 8_192;

const protocol = 'muster-discovery/1';

/** What the initiator answers, to whoever asks: nothing of it is secret, and nothing is believed. */
export interface Announcement {
  readonly sessionId: string;
  /** Name of the member that has opened the session. */
  readonly name: string;
  readonly port: number;
}

/** What a host wants; sealed. The nonce ties the answer to it. */
export interface JoinIntent {
  readonly nonce: string;
  readonly name: string;
  readonly address: string;
}

/** Sealed. */
export interface JoinVerdict {
  readonly nonce: string;
  readonly token?: string;
  readonly refusal?: string;
}

export function encodeQuestion(): Buffer {
  return Buffer.from(JSON.stringify({ protocol }));
}

export function isQuestion(datagram: Buffer): boolean {
  return parse(datagram) !== undefined;
}

export function encodeAnnouncement({ sessionId, name, port }: Announcement): Buffer {
  return Buffer.from(JSON.stringify({ protocol, sessionId, name, port }));
}

export function parseAnnouncement(datagram: Buffer): Announcement | undefined {
  const { sessionId, name, port } = parse(datagram) ?? {};
  const isGood =
    typeof sessionId === 'string' &&
    /^[0-9a-f]{32}$/.test(sessionId) &&
    typeof name === 'string' &&
    /^[a-z0-9-]{1,63}$/.test(name) &&
    typeof port === 'number' &&
    Number.isInteger(port) &&
    port > 0 &&
    port < 65_536;
  return isGood ? { sessionId, name, port } : undefined;
}

/** Undefined for what is not of this protocol, whatever else uses the port. */
function parse(datagram: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (datagram.length > longestDatagram) return undefined;
  try {
    const fields: unknown = JSON.parse(datagram.toString());
    if (typeof fields !== 'object' || fields === null) return undefined;
    const record = fields as Readonly<Record<string, unknown>>; // looked at field by field
    return record['protocol'] === protocol ? record : undefined;
  } catch {
    return undefined; // Anybody can send anything here.
  }
}
