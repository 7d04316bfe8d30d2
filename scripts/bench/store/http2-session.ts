import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';

/** A server, and who is calling. */
export interface TlsTarget {
  readonly url: string;
  readonly serverName: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Answer {
  readonly headers: OutgoingHttpHeaders;
  readonly trailers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Node's own HTTP/2 client without a library on top, for both systems alike: the load must not be what is measured. */
export class Http2Session {
  readonly #session: ClientHttp2Session;
  #failure: Error | undefined;

  constructor({ url, serverName, caPem, certPem, keyPem }: TlsTarget) {
    this.#session = connect(url, {
      ...{ ca: caPem, cert: certPem, key: keyPem, servername: serverName },
      settings: { initialWindowSize: 4 * 1024 * 1024 },
    });
    this.#session.setMaxListeners(0);
    this.#session.on('error', (error: Error) => (this.#failure = error));
    this.#session.on('connect', () => this.#session.setLocalWindowSize(64 * 1024 * 1024));
  }

  get isClosed(): boolean {
    return this.#failure !== undefined || this.#session.closed || this.#session.destroyed;
  }

  open(headers: OutgoingHttpHeaders, body: Buffer | undefined): ClientHttp2Stream {
    if (this.#failure !== undefined) throw this.#failure;
    const stream = this.#session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.write(body);
    return stream;
  }

  exchange(headers: OutgoingHttpHeaders, body?: Buffer, timeoutMs = 30_000): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = this.open(headers, body);
      if (body !== undefined) stream.end();
      const chunks: Buffer[] = [];
      let received: OutgoingHttpHeaders = {};
      let trailers: OutgoingHttpHeaders = {};
      const timer = setTimeout(() => stream.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
      stream.on('response', (answered: OutgoingHttpHeaders) => (received = answered));
      stream.on('trailers', (answered: OutgoingHttpHeaders) => (trailers = answered));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('close', () => {
        clearTimeout(timer);
        if (stream.rstCode !== 0) reject(new Error(`the stream was reset with code ${stream.rstCode}`));
        else resolve({ headers: received, trailers, body: Buffer.concat(chunks) });
      });
    });
  }

  close(): void {
    this.#session.destroy();
  }
}
