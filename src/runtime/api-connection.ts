import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

/** How to reach an API server, and who is calling. Everything is in memory; nothing is read again later. */
export interface ApiEndpoint {
  /** `https://host:port`. */
  readonly server: string;
  /** The authorities that are trusted, and no others. */
  readonly caPem: string;
  /** Decides instead of them, of the server's name and of dates. */
  readonly isServer?: (certificate: X509Certificate) => boolean;
  readonly certPem?: string;
  readonly keyPem?: string;
  readonly token?: string;
  /** The name that the server's certificate must carry, where that is not the host of `server`. */
  readonly serverName?: string;
  /** Sent with every request. */
  readonly extraHeaders?: Readonly<Record<string, string>>;
  /** A way to the same server that does not leave this host. */
  readonly local?: LocalDoor;
}

/** A Unix socket on which the server's TLS is spoken once `preface` was written. */
export interface LocalDoor {
  readonly socketPath: string;
  readonly preface: string;
}

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * One pool of TLS connections, shared by all requests and watches of an endpoint. It is Node's own HTTP/1.1 client:
 * the smallest one, and a watch in an HTTP/2 session would make every request suffer from one stalled stream.
 */
export interface ApiConnection {
  /** Resolves when the answer begins. Rejects as soon as the signal aborts, which also ends the answer's body. */
  send(httpRequest: HttpRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

// Longer than the pauses between the requests of a busy controller, shorter than what servers keep open.
const keepAliveMs = 30_000;

export function openApiConnection(endpoint: ApiEndpoint): ApiConnection {
  const agent = createAgent(endpoint);
  const { hostname, port } = new URL(endpoint.server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const common = requestHeaders(endpoint);
  return {
    async send({ method, path, headers, body }, signal) {
      signal.throwIfAborted();
      // Node announces the length of a DELETE's body only when it is told.
      const framing = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const all = { ...common, ...headers, ...framing };
      const asked = request({ agent, host, port, method, path, signal, headers: all });
      asked.end(body);
      try {
        const [response] = (await once(asked, 'response')) as [IncomingMessage]; // what the event carries
        // Who reads it hears of an error there; who has stopped reading has no use for one.
        response.on('error', () => undefined);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        // An error after this is that of the response.
        asked.on('error', () => undefined);
      }
    },
    close() {
      agent.destroy();
    },
  };
}

function createAgent(endpoint: ApiEndpoint): Agent {
  const { caPem, certPem, keyPem, serverName, local, isServer } = endpoint;
  const options = {
    // The last certificate of a chain that people have installed need not be a root.
    ...{ keepAlive: true, timeout: keepAliveMs, ca: caPem, allowPartialTrustChain: true },
    ...(certPem === undefined ? {} : { cert: certPem }),
    ...(keyPem === undefined ? {} : { key: keyPem }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(isServer === undefined ? {} : { rejectUnauthorized: false }),
  };
  return local === undefined && isServer === undefined ? new Agent(options) : new OwnAgent(options, endpoint);
}

type Connected = (error: Error | null, stream: Duplex) => void;

/** Connects by another door, or recognises the server in another way, before a request is written. */
class OwnAgent extends Agent {
  readonly #endpoint: Pick<ApiEndpoint, 'isServer' | 'local'>;

  constructor(options: ConstructorParameters<typeof Agent>[0], endpoint: ApiEndpoint) {
    super(options);
    this.#endpoint = endpoint;
  }

  override createConnection(options: ConnectionOptions, callback: Connected): undefined {
    const { local } = this.#endpoint;
    if (local === undefined) {
      this.#check(connectTls(options), callback);
      return undefined;
    }
    const socket = connect(local.socketPath);
    const fail = (error: Error): void => {
      callback(error, socket);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      // Before TLS takes the socket over, so that nothing can come ahead of it.
      socket.write(local.preface, () => {
        socket.off('error', fail);
        this.#check(connectTls({ ...options, socket }), callback);
      });
    });
    return undefined;
  }

  #check(stream: TLSSocket, callback: Connected): void {
    const { isServer } = this.#endpoint;
    if (isServer === undefined) {
      callback(null, stream);
      return;
    }
    const fail = (error: Error): void => {
      callback(error, stream);
    };
    stream.once('error', fail);
    stream.once('secureConnect', () => {
      stream.off('error', fail);
      const certificate = stream.getPeerX509Certificate();
      if (certificate !== undefined && isServer(certificate)) {
        callback(null, stream);
        return;
      }
      stream.destroy();
      callback(new Error('the certificate that it presents is not the one expected'), stream);
    });
  }
}

function requestHeaders({ token, extraHeaders }: ApiEndpoint): Record<string, string> {
  // The server calls whoever does not say more about himself by this name.
  return {
    'user-agent': 'muster',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...extraHeaders,
  };
}
