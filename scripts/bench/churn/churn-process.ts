// The process that writes: apart from the one that measures, so that neither waits for the other.
import { setTimeout as delay } from 'node:timers/promises';

import { ApiClient } from '../store/api-client.ts';
import type { TlsTarget } from '../store/http2-session.ts';
import { createValues } from '../store/write-load.ts';

export interface ChurnOrder {
  /** One connection to each, which the clients share evenly. */
  readonly targets: readonly TlsTarget[];
  readonly clients: number;
  readonly keys: number;
  readonly writes: number;
  readonly valueBytes: number;
}

/** What was done so far; `isOver` with the last one. */
export interface ChurnProgress {
  readonly writes: number;
  readonly failures: number;
  readonly firstFailure?: string;
  readonly isOver: boolean;
}

const namespace = 'default';
const reportMs = 250;
const failurePauseMs = 5;

interface Done {
  next: number;
  writes: number;
  failures: number;
  firstFailure?: string;
}

async function churn(order: ChurnOrder): Promise<void> {
  const connections = order.targets.map((target) => new ReopenedClient(target));
  const nextValue = createValues(order.valueBytes);
  await spread(order.keys, connections, order.clients, (client, key) =>
    client.create(namespace, `churn-${key}`, nextValue()),
  );
  const done: Done = { next: 0, writes: 0, failures: 0 };
  tell(done, false);
  const timer = setInterval(() => tell(done, false), reportMs);
  await spread(
    order.writes,
    connections,
    order.clients,
    (client, index) => client.replace(namespace, `churn-${index % order.keys}`, nextValue()),
    done,
  );
  clearInterval(timer);
  for (const connection of connections) connection.close();
  tell(done, true);
}

function tell({ writes, failures, firstFailure }: Done, isOver: boolean): void {
  const progress: ChurnProgress = {
    ...{ writes, failures, isOver },
    ...(firstFailure === undefined ? {} : { firstFailure }),
  };
  process.send?.(progress, () => {
    if (isOver) process.exit(0);
  });
}

/** Does `count` calls: each client has one under way at a time, and the next call is whoever's turn it is. */
async function spread(
  count: number,
  connections: readonly ReopenedClient[],
  clients: number,
  call: (client: ApiClient, index: number) => Promise<void>,
  done: Done = { next: 0, writes: 0, failures: 0 },
): Promise<void> {
  const work = async (client: number): Promise<void> => {
    const connection = connections[client % connections.length];
    while (connection !== undefined && done.next < count) {
      const index = done.next;
      done.next += 1;
      try {
        await call(connection.client, index);
        done.writes += 1;
      } catch (error) {
        done.failures += 1;
        done.firstFailure ??= String(error);
        await delay(failurePauseMs);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
}

/** A connection that ended is one of the things that are counted; the next call opens another. */
class ReopenedClient {
  readonly #target: TlsTarget;
  #client: ApiClient;

  constructor(target: TlsTarget) {
    this.#target = target;
    this.#client = new ApiClient(target);
  }

  get client(): ApiClient {
    if (this.#client.isClosed) this.#client = new ApiClient(this.#target);
    return this.#client;
  }

  close(): void {
    this.#client.close();
  }
}

process.once('message', (order: ChurnOrder) => {
  churn(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
