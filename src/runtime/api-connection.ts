import { Agent, type Dispatcher } from 'undici';

/** How to reach an API server, and who is calling. Everything is in memory; nothing is read again later. */
export interface ApiEndpoint {
  /** `https://host:port`. */
  readonly server: string;
  /** The only authority that is trusted. */
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  /** The name that the server's certificate must carry, where that is not the host of `server`. */
  readonly serverName?: string;
  /** Sent with every request. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
}

const connectTimeoutMs = 5_000;
// Longer than the pauses between the requests of a busy controller, shorter than what servers keep open.
const keepAliveMs = 30_000;

/** One pool of TLS connections, shared by all requests and watches of an endpoint. */
export function createDispatcher(endpoint: ApiEndpoint): Dispatcher {
  const { caPem, certPem, keyPem, serverName } = endpoint;
  return new Agent({
    connect: {
      ca: caPem,
      ...(certPem === undefined ? {} : { cert: certPem }),
      ...(keyPem === undefined ? {} : { key: keyPem }),
      ...(serverName === undefined ? {} : { servername: serverName }),
      timeout: connectTimeoutMs,
    },
    keepAliveTimeout: keepAliveMs,
    // A watch in the same HTTP/2 session would make every request suffer from one stalled stream.
    allowH2: false,
    // A watch is silent for long; its reader has an inactivity limit of its own.
    bodyTimeout: 0,
  });
}

export function requestHeaders({ token, extraHeaders }: ApiEndpoint): Record<string, string> {
  // The server calls whoever does not say more about himself by this name.
  const userAgent = { 'user-agent': 'muster' };
  return {
    ...userAgent,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...extraHeaders,
  };
}
