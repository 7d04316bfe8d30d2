import { runChild } from '../kit/run-child.ts';
import { medianSummary, type LatencySummary } from '../kit/latencies.ts';
import { apiTarget, findOurLeader, type Systems } from './systems.ts';
import type { WatchFigures as RoundFigures, WatchOrder } from './watch-process.ts';

export interface WatchPlan {
  readonly watchers: readonly number[];
  readonly perSecond: number;
  readonly durationMs: number;
  readonly rounds: number;
}

export interface WatchFigures {
  readonly kind: 'api' | 'etcd';
  readonly watchers: number;
  readonly latency: LatencySummary;
}

const startLimitMs = 60_000;
const kinds = ['etcd', 'api'] as const;
export const watchNamespace = 'bench-watch';

export async function measureWatches(
  systems: Systems,
  plan: WatchPlan,
  report: (line: string) => void,
): Promise<WatchFigures[]> {
  const figures: WatchFigures[] = [];
  for (const watchers of plan.watchers) {
    const rounds = { etcd: [] as LatencySummary[], api: [] as LatencySummary[] };
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const kind of kinds) {
        const order = { ...(await describeTargets(systems, kind)), ...plan, watchers, kind };
        const answer = await runChild<RoundFigures>(
          new URL('./watch-process.ts', import.meta.url),
          { ...order, namespace: watchNamespace } satisfies WatchOrder,
          startLimitMs + plan.durationMs,
        );
        if (answer.latency.count !== answer.expected)
          report(`${kind}: ${answer.latency.count} of ${answer.expected} events arrived`);
        rounds[kind].push(answer.latency);
      }
    }
    for (const kind of kinds) {
      const latency = medianSummary(rounds[kind]);
      report(
        `watch, ${kind}, ${watchers} watchers: p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms`,
      );
      figures.push({ kind, watchers, latency });
    }
  }
  return figures;
}

async function describeTargets(
  systems: Systems,
  kind: 'api' | 'etcd',
): Promise<Pick<WatchOrder, 'leader' | 'targets'>> {
  const indices = [...systems.muster.members.keys()];
  return kind === 'etcd'
    ? { targets: indices.map((index) => systems.etcd.target(index)), leader: await systems.etcd.findLeader() }
    : { targets: indices.map((index) => apiTarget(systems, index)), leader: await findOurLeader(systems) };
}
