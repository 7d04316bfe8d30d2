import { setTimeout as delay } from 'node:timers/promises';

import { findMember } from '../../lab/member-process.ts';
import { sendSignal } from '../../lab/processes.ts';
import { waitUntilServing } from '../../lab/wait-until-serving.ts';
import { ApiClient } from './api-client.ts';
import { EtcdClient } from './etcd-client.ts';
import { apiTarget, findOurLeader, type Systems } from './systems.ts';
import { benchNamespace, createValues } from './write-load.ts';

export interface FailoverFigures {
  readonly kind: 'api' | 'etcd';
  /** The longest time without an acknowledged write, one for each kill. */
  readonly gapsMs: readonly number[];
}

/** How long the client waits for each answer: the longer, the more it would measure its own patience. */
export const attemptMs = 250;
const beforeMs = 1_500;
const resumeLimitMs = 20_000;
const afterMs = 1_000; // the first writes after the pause may be slow ones

interface Victim {
  /** One write through the member; opens a connection when there is none. */
  write(index: number): Promise<void>;
  findLeader(): Promise<number>;
  kill(index: number): Promise<void>;
  restart(index: number): Promise<void>;
}

/** `kill -9` of the leader while one client writes through the other members, taking the next when one fails. */
export async function measureFailover(
  systems: Systems,
  kills: number,
  report: (line: string) => void,
): Promise<FailoverFigures[]> {
  const victims = { etcd: etcdVictim(systems), api: musterVictim(systems) };
  const gaps = { etcd: [] as number[], api: [] as number[] };
  for (let round = 0; round < kills; round += 1) {
    for (const kind of ['etcd', 'api'] as const) {
      const gapMs = await measureGap(victims[kind], systems.muster.members.length);
      report(`leader of ${kind === 'api' ? 'Muster' : 'etcd'} killed: no write for ${Math.round(gapMs)} ms`);
      gaps[kind].push(gapMs);
    }
  }
  return [
    { kind: 'etcd', gapsMs: gaps.etcd },
    { kind: 'api', gapsMs: gaps.api },
  ];
}

async function measureGap(victim: Victim, members: number): Promise<number> {
  const leader = await victim.findLeader();
  const survivors = Array.from({ length: members }, (_, index) => index).filter((index) => index !== leader);
  const acknowledgedMs: number[] = [];
  const killAtMs = performance.now() + beforeMs;
  let killedMs: number | undefined;
  for (let attempt = 0; !isOver(killedMs, acknowledgedMs.at(-1));) {
    if (killedMs === undefined && performance.now() > killAtMs) {
      await victim.kill(leader);
      killedMs = performance.now();
    }
    try {
      await victim.write(survivors[attempt % survivors.length] ?? 0);
      acknowledgedMs.push(performance.now());
    } catch {
      // The member knows of no leader yet: ask another one, and soon.
      attempt += 1;
    }
    await delay(5);
  }
  await victim.restart(leader);
  return longestGapAfter(killedMs ?? killAtMs, acknowledgedMs);
}

/** Writes have gone on for a while after the kill, or will not. */
function isOver(killedMs: number | undefined, lastMs = 0): boolean {
  if (killedMs === undefined) return false;
  if (performance.now() > killedMs + resumeLimitMs)
    throw new Error(`no write in ${resumeLimitMs} ms after the leader was killed`);
  return lastMs > killedMs + attemptMs + afterMs;
}

function longestGapAfter(killedMs: number, acknowledgedMs: readonly number[]): number {
  const gaps = acknowledgedMs.map((timeMs, index) =>
    timeMs > killedMs ? timeMs - (acknowledgedMs[index - 1] ?? timeMs) : 0,
  );
  return Math.max(...gaps);
}

function etcdVictim({ etcd, muster }: Systems): Victim {
  const clients = muster.members.map((_, index) => () => new EtcdClient(etcd.target(index)));
  const pool = createPool(clients);
  const nextValue = createValues(1_024);
  return {
    write: (index) => pool(index, (client) => client.put('failover', Buffer.from(nextValue()), attemptMs)),
    findLeader: () => etcd.findLeader(),
    kill(index) {
      etcd.kill(index);
      return Promise.resolve();
    },
    async restart(index) {
      etcd.start(index);
      await etcd.waitUntilReady();
    },
  };
}

function musterVictim(systems: Systems): Victim {
  const { members, lab } = systems.muster;
  const nextValue = createValues(1_024);
  const pool = createPool(members.map((_, index) => () => new ApiClient(apiTarget(systems, index))));
  return {
    write: (index) =>
      pool(index, (client) => client.replace(benchNamespace, 'failover', nextValue(), attemptMs)),
    async findLeader() {
      await pool(0, (client) => client.create(benchNamespace, 'failover', nextValue()));
      return findOurLeader(systems);
    },
    async kill(index) {
      const member = members[index];
      const identity = member === undefined ? undefined : await findMember(member);
      if (identity !== undefined) await sendSignal(identity, 'SIGKILL');
    },
    async restart(index) {
      const member = members[index];
      if (member === undefined) return;
      await lab.start(member);
      await waitUntilServing(member);
    },
  };
}

interface Closable {
  readonly isClosed: boolean;
  close(): void;
}

/** One lasting connection a member; after a failure the next call opens a new one. */
function createPool<Client extends Closable>(
  open: readonly (() => Client)[],
): (index: number, use: (client: Client) => Promise<void>) => Promise<void> {
  const clients = new Map<number, Client>();
  return async (index, use) => {
    const held = clients.get(index);
    const client = held === undefined || held.isClosed ? open[index]?.() : held;
    if (client === undefined) throw new Error(`there is no member ${index}`);
    clients.set(index, client);
    try {
      await use(client);
    } catch (error) {
      client.close();
      clients.delete(index);
      throw error;
    }
  };
}
