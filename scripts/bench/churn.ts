// Memory and disk of every member while the same keys are written over and over:
// `node scripts/bench/churn.ts [--writes 1000000] [--keys 1000] [--clients 192] [--bytes 1024] [--out FILE]`.
import { fork } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { LabMember } from '../lab/spec.ts';
import type { ChurnOrder, ChurnProgress } from './churn/churn-process.ts';
import { judgeGrowth, raisePeaks, type MemberUse, type Stretch } from './churn/judge-growth.ts';
import { describeVerdict, isProof, writeReport, type ChurnResult } from './churn/write-report.ts';
import { startBenchCluster } from './kit/bench-cluster.ts';
import { waitUntilSettled } from './kit/wait-until-settled.ts';
import type { TlsTarget } from './store/http2-session.ts';

const stretchCount = 20;
const lookMs = 2_000;
const silenceLimitMs = 60_000;

const number = (text: string): number => Number(text.replaceAll('_', ''));
const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '1000000' },
    keys: { type: 'string', default: '1000' },
    // More of them make larger batches, and no difference to what is kept.
    clients: { type: 'string', default: '192' },
    bytes: { type: 'string', default: '1024' },
    out: { type: 'string' },
  },
});
const writes = number(values.writes);
const command = `node scripts/bench/churn.ts --writes ${writes}`;

await using cluster = await startBenchCluster({
  ...{ name: 'bchurn', subnet: 92, members: 3, report: console.log },
});
const { members } = cluster;
await waitUntilSettled(cluster);
const order: ChurnOrder = {
  ...{ targets: members.map(targetOf), writes, keys: number(values.keys) },
  ...{ clients: number(values.clients), valueBytes: number(values.bytes) },
};
const { stretches, last } = await run(order);
const names = members.map(({ name }) => name);
const result: ChurnResult = {
  ...{
    command,
    members: names,
    writes,
    keys: order.keys,
    clients: order.clients,
    valueBytes: order.valueBytes,
  },
  ...{ failures: last.failures, stretches, growth: judgeGrowth(names, stretches) },
  ...(last.firstFailure === undefined ? {} : { firstFailure: last.firstFailure }),
};
const report = writeReport(result);
console.log(`\n${report}\n${describeVerdict(result)}`);
if (values.out !== undefined) await writeFile(values.out, report);
process.exitCode = isProof(result) ? 0 : 1;

function targetOf(member: LabMember): TlsTarget {
  const { server, caPem, certPem = '', keyPem = '' } = cluster.endpoint(member);
  return { url: server, serverName: member.name, caPem, certPem, keyPem };
}

/** Lets the other process write, and notes the highest figures for each twentieth of the writes. */
async function run(toDo: ChurnOrder): Promise<{ stretches: readonly Stretch[]; last: ChurnProgress }> {
  const writer = startWriter(toDo);
  await Promise.race([writer.begun, writer.over]);
  const done: Stretch[] = [];
  const current = { writes: 0, startedMs: performance.now(), peaks: await look() };
  for (;;) {
    await Promise.race([delay(lookMs), writer.over]);
    const { progress } = writer;
    current.peaks = raisePeaks(current.peaks, await look());
    const isFull = progress.writes - current.writes >= toDo.writes / stretchCount;
    if (isFull || (progress.isOver && progress.writes > current.writes)) {
      const nowMs = performance.now();
      const seconds = (nowMs - current.startedMs) / 1_000;
      const stretch: Stretch = { writes: progress.writes - current.writes, seconds, peaks: current.peaks };
      done.push(stretch);
      tell(progress, stretch);
      Object.assign(current, { writes: progress.writes, startedMs: nowMs, peaks: [] });
    }
    if (progress.isOver) return { stretches: done, last: progress };
  }
}

function startWriter(toDo: ChurnOrder) {
  const child = fork(fileURLToPath(new URL('./churn/churn-process.ts', import.meta.url)));
  const begun = Promise.withResolvers<undefined>();
  const over = Promise.withResolvers<undefined>();
  const writer = {
    progress: { writes: 0, failures: 0, isOver: false } as ChurnProgress,
    begun: begun.promise,
    over: over.promise,
  };
  const giveUp = (): void =>
    over.reject(new Error(`the writer said nothing for ${silenceLimitMs / 1_000} s`));
  let timer = setTimeout(giveUp, silenceLimitMs);
  child.on('message', (progress: ChurnProgress) => {
    clearTimeout(timer);
    begun.resolve(undefined);
    writer.progress = progress;
    if (progress.isOver) over.resolve(undefined);
    else timer = setTimeout(giveUp, silenceLimitMs);
  });
  child.once('exit', (code) => {
    clearTimeout(timer);
    over.reject(new Error(`the writer ended with code ${code}`));
  });
  process.once('exit', () => child.kill());
  child.send(toDo);
  return writer;
}

function look(): Promise<readonly MemberUse[]> {
  return Promise.all(
    members.map(async (member) => {
      const [{ rssBytes }, diskBytes] = await Promise.all([cluster.usage(member), databaseBytes(member)]);
      return { memoryBytes: rssBytes, diskBytes };
    }),
  );
}

async function databaseBytes({ dataDirectory }: LabMember): Promise<number> {
  const directory = path.join(dataDirectory, 'dqlite');
  const sizes = await Promise.all(
    // Raft removes segments and snapshots while we look.
    (await readdir(directory)).map((name) =>
      stat(path.join(directory, name)).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tell(progress: ChurnProgress, { writes: written, seconds, peaks }: Stretch): void {
  const rate = (written / seconds).toFixed(0);
  const figures = peaks.map(({ memoryBytes, diskBytes }, index) => {
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
    return `${members[index]?.name ?? ''} ${megabytes(memoryBytes)} MB, disk ${megabytes(diskBytes)} MB`;
  });
  console.log(`${progress.writes} writes (${rate}/s, ${progress.failures} failed): ${figures.join('; ')}`);
}
