import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

import type {
  DatabaseClient,
  DatabaseConnection,
  ExecResult,
  QueryResult,
  RaftNode,
  RaftRole,
  SqlValue,
} from '../database.ts';
import { raftRoles } from '../database.ts';
import { MessageReader } from './decode.ts';
import { RequestWriter } from './encode.ts';
import { protocolVersion, requestType, responseType, wordBytes, type Message } from './message.ts';
import { readMessages } from './message-stream.ts';
import { RequestQueue } from './request-queue.ts';

const clusterFormatWithRoles = 1;
// dqlite opens one database per name; ours has one.
const databaseName = 'muster';
const defaultVfs = '';

/** Connects to the node behind the helper's private socket. */
export function createDatabaseClient(socketPath: string): DatabaseClient {
  return {
    async connect(signal) {
      const socket = createConnection({ path: socketPath });
      try {
        await once(socket, 'connect', { signal });
        const hello = Buffer.alloc(wordBytes);
        hello.writeBigUInt64LE(protocolVersion);
        socket.write(hello);
        const connection = new WireConnection(socket);
        await connection.register(signal);
        return connection;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
  };
}

class WireConnection implements DatabaseConnection {
  readonly #socket: Socket;
  readonly #queue: RequestQueue;
  readonly #closeCallbacks = new Set<(reason: Error) => void>();
  #opening: Promise<number> | undefined;
  #closeReason: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#queue = new RequestQueue((reason) => {
      this.#fail(reason);
      socket.destroy();
    });
    readMessages(
      socket,
      (message) => this.#queue.deliver(message),
      (error) => socket.destroy(error),
    );
    let reason: Error | undefined;
    socket.on('error', (error) => (reason = error));
    socket.on('close', () => this.#fail(reason ?? new Error('dqlite closed the connection')));
  }

  get closed(): boolean {
    return this.#closeReason !== undefined;
  }

  onClose(callback: (reason: Error) => void): void {
    if (this.#closeReason !== undefined) callback(this.#closeReason);
    else this.#closeCallbacks.add(callback);
  }

  close(): void {
    this.#fail(new Error('the connection to dqlite was closed'));
    this.#socket.destroy();
  }

  async register(signal: AbortSignal): Promise<void> {
    const answer = await this.#request(new RequestWriter().uint64(0).finish(requestType.client), signal);
    new MessageReader(answer, responseType.welcome);
  }

  async exec(sql: string, params: readonly SqlValue[], signal: AbortSignal): Promise<ExecResult> {
    const database = await this.#open(signal);
    const request = new RequestWriter().uint64(database).text(sql).parameters(params);
    const reader = new MessageReader(
      await this.#request(request.finish(requestType.execSql), signal),
      responseType.result,
    );
    return { lastInsertId: reader.uint64(), rowsAffected: reader.uint64() };
  }

  async query(sql: string, params: readonly SqlValue[], signal: AbortSignal): Promise<QueryResult> {
    const database = await this.#open(signal);
    const request = new RequestWriter().uint64(database).text(sql).parameters(params);
    const rows: QueryResult['rows'][number][] = [];
    let columns: readonly string[] = [];
    // A large result comes in several messages; only the last one frees the connection.
    await this.#exchange(request.finish(requestType.querySql), signal, (message) => {
      const part = new MessageReader(message, responseType.rows).rows();
      columns = part.columns;
      rows.push(...part.rows);
      return part.complete;
    });
    return { columns, rows };
  }

  async leader(signal: AbortSignal) {
    const answer = await this.#request(new RequestWriter().uint64(0).finish(requestType.leader), signal);
    const reader = new MessageReader(answer, responseType.node);
    const id = reader.bigUint64().toString();
    const address = reader.text();
    return address === '' ? undefined : { id, address };
  }

  async cluster(signal: AbortSignal): Promise<readonly RaftNode[]> {
    const request = new RequestWriter().uint64(clusterFormatWithRoles).finish(requestType.cluster);
    return new MessageReader(await this.#request(request, signal), responseType.nodes).nodes();
  }

  addNode(id: string, address: string, signal: AbortSignal): Promise<void> {
    return this.#change(new RequestWriter().uint64(BigInt(id)).text(address).finish(requestType.add), signal);
  }

  assignRole(id: string, role: RaftRole, signal: AbortSignal): Promise<void> {
    const request = new RequestWriter().uint64(BigInt(id)).uint64(raftRoles[role]);
    return this.#change(request.finish(requestType.assign), signal);
  }

  removeNode(id: string, signal: AbortSignal): Promise<void> {
    return this.#change(new RequestWriter().uint64(BigInt(id)).finish(requestType.remove), signal);
  }

  transfer(id: string, signal: AbortSignal): Promise<void> {
    return this.#change(new RequestWriter().uint64(BigInt(id)).finish(requestType.transfer), signal);
  }

  async dump(signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const request = new RequestWriter().text(databaseName).finish(requestType.dump);
    const reader = new MessageReader(await this.#request(request, signal), responseType.files);
    const files = Array.from({ length: reader.uint64() }, () => reader.file());
    return new Map(files.map(({ name, content }) => [name, content]));
  }

  async #change(request: Buffer, signal: AbortSignal): Promise<void> {
    new MessageReader(await this.#request(request, signal), responseType.empty);
  }

  /** At the first statement, because most connections on members that do not lead never need the database. */
  async #open(signal: AbortSignal): Promise<number> {
    // Shared by statements that come at the same time: dqlite refuses to open twice on one connection.
    this.#opening ??= this.#requestOpen(signal);
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #requestOpen(signal: AbortSignal): Promise<number> {
    const request = new RequestWriter().text(databaseName).uint64(0).text(defaultVfs);
    const answer = await this.#request(request.finish(requestType.open), signal);
    return new MessageReader(answer, responseType.db).uint32();
  }

  async #request(request: Buffer, signal: AbortSignal): Promise<Message> {
    let answer: Message | undefined;
    await this.#exchange(request, signal, (message) => {
      answer = message;
      return true;
    });
    if (answer === undefined) throw new Error('dqlite gave no answer');
    return answer;
  }

  #exchange(request: Buffer, signal: AbortSignal, take: (message: Message) => boolean): Promise<void> {
    return this.#queue.run({ send: () => this.#socket.write(request), take, signal });
  }

  #fail(reason: Error): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#queue.fail(reason);
    for (const callback of [...this.#closeCallbacks]) callback(reason);
  }
}
