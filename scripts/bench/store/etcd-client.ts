import type { ClientHttp2Stream } from 'node:http2';

import { Http2Session, type TlsTarget } from './http2-session.ts';
import { decodeMessage, encodeMessage } from './protobuf.ts';

const prefixBytes = 5; // one for compression, four for the length

/** Speaks etcd's gRPC by hand, since a client library would cost etcd half of what is measured. */
export class EtcdClient {
  readonly #session: Http2Session;

  constructor(target: TlsTarget) {
    this.#session = new Http2Session(target);
  }

  get isClosed(): boolean {
    return this.#session.isClosed;
  }

  async put(key: string, value: Buffer, timeoutMs?: number): Promise<void> {
    const request = encodeMessage([
      [1, Buffer.from(key)],
      [2, value],
    ]);
    await this.#call('/etcdserverpb.KV/Put', request, timeoutMs);
  }

  /** Everything below a prefix, as bytes. */
  async range(prefix: string): Promise<Buffer> {
    const request = encodeMessage([
      [1, Buffer.from(prefix)],
      [2, endOf(prefix)],
    ]);
    return this.#call('/etcdserverpb.KV/Range', request);
  }

  /** Whether the member that was asked leads. */
  async leads(): Promise<boolean> {
    const status = decodeMessage(await this.#call('/etcdserverpb.Maintenance/Status', Buffer.alloc(0)));
    const header = status.get(1);
    const self = Buffer.isBuffer(header) ? decodeMessage(header).get(2) : undefined;
    return self !== undefined && self !== 0n && self === status.get(4);
  }

  watch(prefix: string): ClientHttp2Stream {
    const create = encodeMessage([
      [1, Buffer.from(prefix)],
      [2, endOf(prefix)],
    ]);
    return this.#session.open(headersOf('/etcdserverpb.Watch/Watch'), framed(encodeMessage([[1, create]])));
  }

  close(): void {
    this.#session.close();
  }

  async #call(path: string, request: Buffer, timeoutMs?: number): Promise<Buffer> {
    const { headers, trailers, body } = await this.#session.exchange(
      headersOf(path),
      framed(request),
      timeoutMs,
    );
    const status = trailers['grpc-status'] ?? headers['grpc-status'];
    if (status !== '0')
      throw new Error(`${path}: gRPC status ${String(status)} ${String(trailers['grpc-message'])}`);
    return body.subarray(prefixBytes);
  }
}

function headersOf(path: string): Record<string, string> {
  return { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
}

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The first key that does not start with the prefix. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return end;
}
