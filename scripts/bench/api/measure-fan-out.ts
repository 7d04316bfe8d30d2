import type { BenchCluster } from '../kit/bench-cluster.ts';
import type { LatencySummary } from '../kit/latencies.ts';
import { runChild } from '../kit/run-child.ts';
import { ApiClient } from '../store/api-client.ts';
import { apiTarget, findOurLeader } from '../store/systems.ts';
import type { WatchFigures, WatchOrder } from '../store/watch-process.ts';

export interface FanOutFigures {
  readonly watchers: number;
  readonly latency: LatencySummary;
  readonly missing: number;
}

const namespace = 'bench-api-watch';
const startLimitMs = 60_000;

/** 100 writes a second; the watchers are spread over the members. */
export async function measureFanOut(
  muster: BenchCluster,
  watchers: number,
  durationMs: number,
): Promise<FanOutFigures> {
  const leader = await findOurLeader({ muster });
  const targets = muster.members.map((_, index) => apiTarget({ muster }, index));
  const admin = new ApiClient(apiTarget({ muster }, leader));
  await admin.createNamespace(namespace);
  admin.close();
  const order: WatchOrder = { kind: 'api', targets, leader, watchers, perSecond: 100, durationMs, namespace };
  const program = new URL('../store/watch-process.ts', import.meta.url);
  const { latency, expected } = await runChild<WatchFigures>(program, order, startLimitMs + durationMs);
  return { watchers, latency, missing: expected - latency.count };
}
