/** What is said of a set of measured times, all in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export function summarizeLatencies(samplesMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(samplesMs).toSorted();
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
  return { count: sorted.length, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), maxMs: at(1) };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The median of each figure over several rounds: one disturbed round does not decide. */
export function medianSummary(rounds: readonly LatencySummary[]): LatencySummary {
  const over = (pick: (summary: LatencySummary) => number): number => medianOf(rounds.map(pick));
  return {
    count: over(({ count }) => count),
    p50Ms: over(({ p50Ms }) => p50Ms),
    p90Ms: over(({ p90Ms }) => p90Ms),
    p99Ms: over(({ p99Ms }) => p99Ms),
    maxMs: over(({ maxMs }) => maxMs),
  };
}
