import type { ClientHttp2Stream } from 'node:http2';

import { Http2Session, type TlsTarget } from './http2-session.ts';

/** ConfigMaps over our HTTPS API: what a user's client gets, with authentication, validation and admission. */
export class ApiClient {
  readonly #session: Http2Session;

  constructor(target: TlsTarget) {
    this.#session = new Http2Session(target);
  }

  get isClosed(): boolean {
    return this.#session.isClosed;
  }

  async createNamespace(name: string): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await this.#send('POST', '/api/v1/namespaces', namespace, [201, 409]);
  }

  async create(namespace: string, name: string, value: string): Promise<void> {
    await this.#send('POST', collection(namespace), configMap(namespace, name, value), [201, 409]);
  }

  /** Without a resourceVersion: the last writer wins, as with etcd's Put. */
  async replace(namespace: string, name: string, value: string, timeoutMs?: number): Promise<void> {
    await this.#send(
      'PUT',
      `${collection(namespace)}/${name}`,
      configMap(namespace, name, value),
      [200, 201],
      timeoutMs,
    );
  }

  async list(namespace: string, query = ''): Promise<Buffer> {
    return this.#send('GET', `${collection(namespace)}${query}`, undefined, [200]);
  }

  watch(namespace: string): ClientHttp2Stream {
    const path = `${collection(namespace)}?watch=true&allowWatchBookmarks=true&resourceVersion=0`;
    return this.#session.open({ ':method': 'GET', ':path': path }, undefined);
  }

  close(): void {
    this.#session.close();
  }

  async #send(
    method: string,
    path: string,
    body: object | undefined,
    good: readonly number[],
    timeoutMs?: number,
  ): Promise<Buffer> {
    const headers = { ':method': method, ':path': path, 'content-type': 'application/json' };
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const answer = await this.#session.exchange(headers, bytes, timeoutMs);
    const status = Number(answer.headers[':status']);
    if (!good.includes(status))
      throw new Error(`${method} ${path}: ${status} ${answer.body.toString().slice(0, 200)}`);
    return answer.body;
  }
}

function collection(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

function configMap(namespace: string, name: string, value: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { value } };
}
