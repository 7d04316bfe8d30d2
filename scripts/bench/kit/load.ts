import { setTimeout as delay } from 'node:timers/promises';

import { summarizeLatencies, type LatencySummary } from './latencies.ts';

/** One simulated user: it makes a call, waits for the answer, and makes the next. */
export interface LoadClient {
  /** `sequence` counts this client's calls from 0. */
  call(sequence: number): Promise<void>;
  close(): Promise<void> | void;
}

/**
 * What a load module exports. It is imported in a process of its own, so that every system under test is
 * driven under equal conditions and not by a process that is busy with something else.
 */
export interface LoadModule<Target> {
  openClients(target: Target, count: number): Promise<readonly LoadClient[]>;
}

export interface LoadShape {
  readonly clients: number;
  readonly durationMs: number;
  /** Calls of this time are made and not counted. */
  readonly warmUpMs: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly latency: LatencySummary;
  readonly failures: number;
  readonly firstFailure?: string;
  /** CPU time of the load process itself: near 100 % it measures itself. */
  readonly ownCpuPercent: number;
}

/** Closed loop: each client has one call under way at any time. */
export async function measureLoad(clients: readonly LoadClient[], shape: LoadShape): Promise<LoadResult> {
  const samplesMs: number[] = [];
  const failures: string[] = [];
  const fromMs = performance.now() + shape.warmUpMs;
  const untilMs = fromMs + shape.durationMs;
  const cpu = { before: process.cpuUsage() };
  await Promise.all([
    ...clients.map((client) => repeat(client, untilMs, { fromMs, samplesMs, failures })),
    delay(shape.warmUpMs).then(() => (cpu.before = process.cpuUsage())),
  ]);
  const { user, system } = process.cpuUsage(cpu.before);
  const [firstFailure] = failures;
  return {
    perSecond: (samplesMs.length / shape.durationMs) * 1_000,
    latency: summarizeLatencies(samplesMs),
    failures: failures.length,
    ...(firstFailure === undefined ? {} : { firstFailure }),
    ownCpuPercent: (user + system) / 10 / shape.durationMs,
  };
}

interface Tally {
  readonly fromMs: number;
  readonly samplesMs: number[];
  readonly failures: string[];
}

async function repeat(client: LoadClient, untilMs: number, tally: Tally): Promise<void> {
  for (let sequence = 0; ; sequence += 1) {
    const startedMs = performance.now();
    if (startedMs >= untilMs) return;
    try {
      await client.call(sequence);
      const endedMs = performance.now();
      // Counted by when it ended, so that the rate is that of the measured span.
      if (endedMs >= tally.fromMs && endedMs < untilMs) tally.samplesMs.push(endedMs - startedMs);
    } catch (error) {
      tally.failures.push(error instanceof Error ? error.message : String(error));
      await delay(5);
    }
  }
}
