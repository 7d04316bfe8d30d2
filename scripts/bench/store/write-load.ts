import { randomBytes } from 'node:crypto';

import type { LoadClient } from '../kit/load.ts';
import { ApiClient } from './api-client.ts';
import { EtcdClient } from './etcd-client.ts';
import type { TlsTarget } from './http2-session.ts';
import { MemberClient, type MemberTarget } from './member-client.ts';

export const benchNamespace = 'bench';

export type WriteTarget =
  | { readonly kind: 'etcd'; readonly at: TlsTarget; readonly valueBytes: number }
  | { readonly kind: 'store'; readonly at: MemberTarget; readonly valueBytes: number }
  | { readonly kind: 'api'; readonly at: TlsTarget; readonly valueBytes: number };

// As a client library spreads its callers; alike for all, since a connection is what orders requests.
const clientsPerConnection = 64;
const keysPerClient = 10;

interface Writer {
  write(key: string): Promise<void>;
  close(): void;
}

/** Each client overwrites a few keys of its own, one after the other. */
export async function openClients(target: WriteTarget, count: number): Promise<readonly LoadClient[]> {
  const writers = await Promise.all(
    Array.from({ length: Math.ceil(count / clientsPerConnection) }, () => openWriter(target)),
  );
  const clients = Array.from({ length: count }, (_, index): LoadClient => {
    const writer = writers[index % writers.length];
    if (writer === undefined) throw new Error('there is no connection to write on');
    return {
      call: (sequence) => writer.write(`client-${index}-${sequence % keysPerClient}`),
      close: () => writer.close(),
    };
  });
  // Creating is another operation than overwriting: what is measured finds its keys there.
  await Promise.all(
    clients.map(async (client) => {
      for (let sequence = 0; sequence < keysPerClient; sequence += 1) await client.call(sequence);
    }),
  );
  return clients;
}

/** Every value differs: our API makes no write of an update that changes nothing. */
export function createValues(bytes: number): () => string {
  const rest = randomBytes(bytes).toString('base64');
  let count = 0;
  return () => {
    count += 1;
    return `${count}-${rest}`.slice(0, bytes);
  };
}

async function openWriter({ kind, at, valueBytes }: WriteTarget): Promise<Writer> {
  const nextValue = createValues(valueBytes);
  switch (kind) {
    case 'etcd': {
      const client = new EtcdClient(at);
      return {
        write: (key) => client.put(`bench/${key}`, Buffer.from(nextValue())),
        close: () => client.close(),
      };
    }
    case 'store': {
      const client = await MemberClient.open(at);
      return {
        write: (key) => client.put(`/bench/${key}`, Buffer.from(nextValue())),
        close: () => client.close(),
      };
    }
    case 'api': {
      const client = new ApiClient(at);
      const created = new Set<string>();
      return {
        write: async (key) => {
          if (created.has(key)) return client.replace(benchNamespace, key, nextValue());
          created.add(key);
          return client.create(benchNamespace, key, nextValue());
        },
        close: () => client.close(),
      };
    }
  }
}
