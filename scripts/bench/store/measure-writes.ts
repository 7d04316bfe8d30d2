import { medianOf, medianSummary, type LatencySummary } from '../kit/latencies.ts';
import type { LoadResult } from '../kit/load.ts';
import { runLoad } from '../kit/run-load.ts';
import { systemNames, writeTarget, type SystemKind, type Systems } from './systems.ts';

const loadModule = new URL('./write-load.ts', import.meta.url);

export interface WritePlan {
  readonly kinds: readonly SystemKind[];
  readonly series: readonly { readonly valueBytes: number; readonly clients: readonly number[] }[];
  readonly rounds: number;
  readonly durationMs: number;
  readonly warmUpMs: number;
}

export interface WriteFigures {
  readonly kind: SystemKind;
  readonly clients: number;
  readonly valueBytes: number;
  readonly perSecond: number;
  readonly latency: LatencySummary;
  readonly loadCpuPercent: number;
}

/** The systems take turns in every round, so that a change of the machine's mood meets all of them. */
export async function measureWrites(
  systems: Systems,
  plan: WritePlan,
  report: (line: string) => void,
): Promise<WriteFigures[]> {
  const figures: WriteFigures[] = [];
  for (const { valueBytes, clients: counts } of plan.series) {
    for (const clients of counts) {
      const measured = await takeTurns(systems, { ...plan, clients, valueBytes }, report);
      for (const one of measured) report(describe(one));
      figures.push(...measured);
    }
  }
  return figures;
}

async function takeTurns(
  systems: Systems,
  plan: Omit<WritePlan, 'series'> & Pick<WriteFigures, 'clients' | 'valueBytes'>,
  report: (line: string) => void,
): Promise<WriteFigures[]> {
  const { kinds, clients, valueBytes, durationMs, warmUpMs } = plan;
  const results = new Map<SystemKind, LoadResult[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      const target = await writeTarget(systems, kind, valueBytes);
      const result = await runLoad(loadModule, target, { clients, durationMs, warmUpMs });
      if (result.failures > 0) report(`${kind}: ${result.failures} failed: ${result.firstFailure ?? ''}`);
      results.get(kind)?.push(result);
    }
  }
  return [...results].map(([kind, rounds]) => summarize({ kind, clients, valueBytes }, rounds));
}

function summarize(
  what: Pick<WriteFigures, 'clients' | 'kind' | 'valueBytes'>,
  rounds: readonly LoadResult[],
): WriteFigures {
  return {
    ...what,
    perSecond: medianOf(rounds.map(({ perSecond }) => perSecond)),
    latency: medianSummary(rounds.map(({ latency }) => latency)),
    loadCpuPercent: medianOf(rounds.map(({ ownCpuPercent }) => ownCpuPercent)),
  };
}

function describe({ kind, clients, valueBytes, perSecond, latency, loadCpuPercent }: WriteFigures): string {
  const { p50Ms, p99Ms } = latency;
  return (
    `${systemNames[kind]}: ${valueBytes} B, ${clients} clients: ${Math.round(perSecond)}/s, ` +
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms (load process ${Math.round(loadCpuPercent)} % CPU)`
  );
}
