// What the loss of the leader costs a client: `node scripts/bench/failover.ts [--rounds 20] [--out FILE]`.
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { findMember } from '../lab/member-process.ts';
import { endProcess, sendSignal, waitUntilGone } from '../lab/processes.ts';
import type { LabMember } from '../lab/spec.ts';
import { startBenchCluster, type BenchCluster } from './kit/bench-cluster.ts';
import { medianOf, summarizeLatencies } from './kit/latencies.ts';
import { formatFigure, formatMarkdownTable } from './kit/markdown-table.ts';
import { JsonClient } from './kit/json-client.ts';
import { waitUntilSettled } from './kit/wait-until-settled.ts';

const steadyMs = 2_000; // of undisturbed writes before each round, and after it
const resumeLimitMs = 20_000;
const stopGraceMs = 15_000;
const readEveryMs = 20;

interface Round {
  /** The longest time without an acknowledged write, less a usual write. */
  readonly writeGapMs: number;
  /** The same before the leader was ended: what the machine does to writes by itself. */
  readonly calmGapMs: number;
  readonly refusedWrites: number;
  readonly staleReads: number;
  readonly failedReads: number;
  readonly slowestReadMs: number;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, out: { type: 'string' } },
});
await using cluster = await startBenchCluster({
  ...{ name: 'bfail', subnet: 91, members: 3, report: console.log },
});
const former: { leader?: LabMember } = {};
const kills = await runRounds('kill -9 of the leader', Number(values.rounds), kill);
const stops = await runRounds('clean stop of the leader', Number(values.rounds), stop);
const text = describe([
  ['`kill -9` of the leading musterd', kills],
  ['clean stop (SIGTERM) of the leading musterd', stops],
]);
console.log(text);
if (values.out !== undefined) await writeFile(values.out, text);

async function runRounds(
  name: string,
  count: number,
  end: (member: LabMember) => Promise<void>,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let index = 1; index <= count; index += 1) {
    const round = await runRound(cluster, end);
    rounds.push(round);
    console.log(
      `${name} ${index}/${count}: writes paused ${round.writeGapMs.toFixed(0)} ms (${round.calmGapMs.toFixed(0)} ms before), ${round.refusedWrites} refused; ` +
        `${round.staleReads} reads at resourceVersion=0, ${round.failedReads} failed, slowest ${round.slowestReadMs.toFixed(0)} ms`,
    );
  }
  return rounds;
}

async function runRound(
  { lab, members, ...bench }: BenchCluster,
  end: (member: LabMember) => Promise<void>,
): Promise<Round> {
  const leader = await waitUntilSettled(cluster, former.leader);
  former.leader = leader;
  const survivors = members.filter((member) => member !== leader);
  const [first, second] = survivors;
  if (first === undefined || second === undefined) throw new Error('three members are needed');
  const over = new AbortController();
  const writer = new JsonClient(bench.endpoint(first));
  const readers = survivors.map((member) => new JsonClient(bench.endpoint(member)));
  const writes = keepWriting(writer, over.signal);
  const reads = readers.map((reader) => keepReading(reader, over.signal));
  await delay(steadyMs);
  const endedAtMs = performance.now();
  await end(leader);
  await waitForWrite(writes, endedAtMs);
  await delay(steadyMs);
  over.abort();
  await Promise.all([writes.done, ...reads.map(({ done }) => done)]);
  for (const client of [writer, ...readers]) client.close();
  await lab.start(leader);
  const latenciesMs = reads.flatMap(({ samplesMs }) => samplesMs);
  return {
    writeGapMs: longestGap(writes.acknowledgedMs) - usualGap(writes.acknowledgedMs),
    calmGapMs: longestGap(writes.acknowledgedMs.filter((timeMs) => timeMs < endedAtMs)),
    refusedWrites: writes.refused(),
    staleReads: latenciesMs.length,
    failedReads: reads.reduce((sum, { failed }) => sum + failed(), 0),
    slowestReadMs: Math.max(...latenciesMs),
  };
}

async function kill(member: LabMember): Promise<void> {
  const identity = await findMember(member);
  if (identity === undefined) throw new Error(`${member.name} does not run`);
  await sendSignal(identity, 'SIGKILL');
  await waitUntilGone(identity, stopGraceMs);
}

async function stop(member: LabMember): Promise<void> {
  const identity = await findMember(member);
  if (identity === undefined) throw new Error(`${member.name} does not run`);
  await endProcess(identity, stopGraceMs);
}

function keepWriting(client: JsonClient, over: AbortSignal) {
  const acknowledgedMs: number[] = [];
  let refused = 0;
  const path = '/api/v1/namespaces/default/configmaps/failover';
  const run = async (): Promise<void> => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'failover' } };
    await client.send('POST', '/api/v1/namespaces/default/configmaps', object);
    for (let count = 1; !over.aborted; count += 1) {
      const status = await client.send('PATCH', path, { data: { count: String(count) } });
      if (status === 200) acknowledgedMs.push(performance.now());
      else refused += 1;
      if (status !== 200) await delay(5);
    }
  };
  return { acknowledgedMs, refused: () => refused, done: run() };
}

function keepReading(client: JsonClient, over: AbortSignal) {
  const samplesMs: number[] = [];
  let failed = 0;
  const run = async (): Promise<void> => {
    while (!over.aborted) {
      const startedMs = performance.now();
      const status = await client.send('GET', '/api/v1/namespaces/default/configmaps?resourceVersion=0');
      samplesMs.push(performance.now() - startedMs);
      if (status !== 200) failed += 1;
      await delay(readEveryMs);
    }
  };
  return { samplesMs, failed: () => failed, done: run() };
}

async function waitForWrite(
  { acknowledgedMs }: { readonly acknowledgedMs: readonly number[] },
  afterMs: number,
): Promise<void> {
  const untilMs = performance.now() + resumeLimitMs;
  while ((acknowledgedMs.at(-1) ?? 0) < afterMs) {
    if (performance.now() > untilMs)
      throw new Error(`no write in ${resumeLimitMs} ms after the leader ended`);
    await delay(10);
  }
}

function gaps(timesMs: readonly number[]): number[] {
  return timesMs.slice(1).map((timeMs, index) => timeMs - (timesMs[index] ?? timeMs));
}

function longestGap(timesMs: readonly number[]): number {
  return Math.max(...gaps(timesMs));
}

function usualGap(timesMs: readonly number[]): number {
  return summarizeLatencies(gaps(timesMs)).p50Ms;
}

function describe(series: readonly (readonly [string, readonly Round[]])[]): string {
  const header = [
    'event',
    'rounds',
    'p50 ms',
    'p95 ms',
    'max ms',
    'calm ms',
    'refused writes',
    'stale reads',
    'of them failed',
  ];
  const rows = series.map(([name, rounds]) => {
    const sorted = rounds.map(({ writeGapMs }) => writeGapMs).toSorted((a, b) => a - b);
    const at = (share: number): string =>
      formatFigure(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
    const sum = (pick: (round: Round) => number): string =>
      formatFigure(rounds.reduce((total, round) => total + pick(round), 0));
    return [
      ...[name, String(rounds.length), at(0.5), at(0.95), at(1)],
      formatFigure(medianOf(rounds.map(({ calmGapMs }) => calmGapMs))),
      ...[sum(({ refusedWrites }) => refusedWrites), sum(({ staleReads }) => staleReads)],
      sum(({ failedReads }) => failedReads),
    ];
  });
  return `${[
    '# Losing the leader',
    '',
    'Three members on this machine, one client that writes without a pause through a member that survives, and one',
    'that reads at `resourceVersion=0` from each of them every 20 ms. A pause is the longest time without an',
    'acknowledged write, less the usual one; "calm" is the median of the longest before the event. Made by `node scripts/bench/failover.ts`.',
    '',
    formatMarkdownTable(header, rows),
  ].join('\n')}\n`;
}
