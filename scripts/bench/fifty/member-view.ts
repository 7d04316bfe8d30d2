import { setTimeout as delay } from 'node:timers/promises';

import type { Member } from '../../../src/api/generated/member.ts';
import type { Network } from '../../../src/api/generated/network.ts';
import type { StoragePool } from '../../../src/api/generated/storage-pool.ts';
import type { JsonClient } from '../kit/json-client.ts';

const base = '/apis/muster.dev/v1alpha1';
const lookEveryMs = 250;

export interface Roles {
  readonly voters: number;
  readonly standbys: number;
  readonly spares: number;
}

export interface ClusterView {
  readonly members: readonly Member[];
  readonly online: readonly Member[];
  /** Of the members that are online. */
  readonly roles: Roles;
  /** Members on which every pool and network is there. */
  readonly furnished: number;
}

export async function readView(client: JsonClient): Promise<ClusterView> {
  const [members, pools, networks] = await Promise.all([
    client.get<{ items: Member[] }>(`${base}/members`),
    client.get<{ items: StoragePool[] }>(`${base}/storagepools`),
    client.get<{ items: Network[] }>(`${base}/networks`),
  ]);
  const online = members.items.filter(({ status }) => status?.state === 'Online');
  const count = (role: string): number => online.filter(({ status }) => status?.databaseRole === role).length;
  const parts = [...pools.items, ...networks.items].map(
    ({ status }) => status?.members?.filter(({ state }) => state === 'Created').length ?? 0,
  );
  return {
    members: members.items,
    online,
    roles: { voters: count('voter'), standbys: count('stand-by'), spares: count('spare') },
    furnished: Math.min(...parts),
  };
}

/** Answers the first view that is as wanted, and after how long. */
export async function waitForView(
  client: JsonClient,
  what: string,
  timeoutMs: number,
  isWanted: (view: ClusterView) => boolean,
): Promise<number> {
  const startedMs = performance.now();
  let last = 'no answer';
  while (performance.now() - startedMs < timeoutMs) {
    try {
      const view = await readView(client);
      if (isWanted(view)) return performance.now() - startedMs;
      last = `${view.members.length} members, ${view.online.length} online, ${JSON.stringify(view.roles)}, ${view.furnished} furnished`;
    } catch (error) {
      last = String(error);
    }
    await delay(lookEveryMs);
  }
  throw new Error(`not ${what} after ${timeoutMs / 1_000} s: ${last}`);
}
