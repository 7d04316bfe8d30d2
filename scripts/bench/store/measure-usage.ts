import { setTimeout as delay } from 'node:timers/promises';

import { runLoad } from '../kit/run-load.ts';
import type { ProcessUsage } from '../kit/sample-processes.ts';
import { systemNames, writeTarget, type SystemKind, type Systems } from './systems.ts';

export interface UsageFigures {
  readonly name: string;
  readonly state: string;
  /** Of one core, for each member. */
  readonly cpuPercent: readonly number[];
  readonly rssBytes: readonly number[];
}

const loadModule = new URL('./write-load.ts', import.meta.url);
const loadClients = 64;
// Images, pools and networks of a new cluster come into being, and what that needed is given back.
const settleMs = 60_000;

/** Both systems while nobody asks them anything, then each under the load of 64 clients. */
export async function measureUsage(systems: Systems, spanMs: number): Promise<UsageFigures[]> {
  await delay(settleMs);
  const idle = await during(systems, () => delay(spanMs));
  const figures = [nameUsage('etcd', 'idle', idle.etcd), nameUsage('Muster', 'idle', idle.muster)];
  for (const kind of ['etcd', 'store'] as const) {
    const busy = await during(systems, () => load(systems, kind, spanMs));
    const name = kind === 'etcd' ? 'etcd' : 'Muster';
    const state = `${loadClients} clients write to ${systemNames[kind]}`;
    figures.push(nameUsage(name, state, kind === 'etcd' ? busy.etcd : busy.muster));
  }
  return figures;
}

async function load(systems: Systems, kind: SystemKind, durationMs: number): Promise<void> {
  const target = await writeTarget(systems, kind, 1_024);
  await runLoad(loadModule, target, { clients: loadClients, durationMs, warmUpMs: 0 });
}

type Usage = Pick<UsageFigures, 'cpuPercent' | 'rssBytes'>;

async function during(
  systems: Systems,
  work: () => Promise<unknown>,
): Promise<{ readonly etcd: Usage; readonly muster: Usage }> {
  const startedMs = performance.now();
  const before = await sampleBoth(systems);
  await work();
  const after = await sampleBoth(systems);
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  const usage = (one: keyof typeof before): Usage => ({
    cpuPercent: after[one].map(
      ({ cpuSeconds }, index) =>
        ((cpuSeconds - (before[one][index]?.cpuSeconds ?? 0)) / elapsedSeconds) * 100,
    ),
    rssBytes: after[one].map(({ rssBytes }) => rssBytes),
  });
  return { etcd: usage('etcd'), muster: usage('muster') };
}

async function sampleBoth({ muster, etcd }: Systems): Promise<Record<'etcd' | 'muster', ProcessUsage[]>> {
  return {
    etcd: await Promise.all(muster.members.map((_, index) => etcd.usage(index))),
    muster: await Promise.all(muster.members.map((member) => muster.usage(member))),
  };
}

function nameUsage(name: string, state: string, usage: Usage): UsageFigures {
  return { name, state, ...usage };
}
