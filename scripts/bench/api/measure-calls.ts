import type { BenchCluster } from '../kit/bench-cluster.ts';
import type { LoadResult } from '../kit/load.ts';
import { runLoad } from '../kit/run-load.ts';
import type { TlsTarget } from '../store/http2-session.ts';
import { apiTarget, findOurLeader } from '../store/systems.ts';
import type { InstanceCall, InstanceTarget } from './instance-load.ts';

export interface CallFigures extends LoadResult {
  readonly what: string;
  readonly clients: number;
  /** What it has to be; empty where nobody has said. */
  readonly wanted: string;
}

export interface CallPlan {
  readonly what: string;
  readonly wanted?: string;
  readonly call: InstanceCall;
  readonly clients: number;
  readonly run: string;
  readonly limit?: number;
  readonly from?: number;
}

const module = new URL('./instance-load.ts', import.meta.url);

/** The member that leads: what forwarding costs is measured with the store. */
export async function leaderTarget(muster: BenchCluster): Promise<TlsTarget> {
  return apiTarget({ muster }, await findOurLeader({ muster }));
}

export async function measureCalls(
  muster: BenchCluster,
  { what, wanted = '', clients, ...plan }: CallPlan,
  times: { readonly durationMs: number; readonly warmUpMs: number },
): Promise<CallFigures> {
  const target: InstanceTarget = { ...plan, at: await leaderTarget(muster) };
  const result = await runLoad(module, target, { clients, ...times });
  return { ...result, what, wanted, clients };
}
