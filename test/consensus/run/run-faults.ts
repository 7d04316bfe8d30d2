import { setTimeout as delay } from 'node:timers/promises';

import type { FaultCluster } from '../cluster/fault-cluster.ts';
import { findLeader } from '../cluster/find-leader.ts';
import { listObjects } from '../client/list-objects.ts';
import { request } from '../client/object-requests.ts';
import type { Fault } from '../faults/fault.ts';
import { Recorder } from '../history/recorder.ts';
import type { Random } from '../random.ts';
import { judge } from '../verdict/judge.ts';
import { Watcher } from '../watch/watcher.ts';
import type { Violation } from '../watch/stream.ts';
import { runClient } from '../workloads/client.ts';
import { Keys } from '../workloads/keys.ts';
import { meetFault, type FaultRecord } from './meet-fault.ts';

export interface RunOptions {
  readonly cluster: FaultCluster;
  readonly random: Random;
  /** Of all names, where several runs use one cluster. */
  readonly prefix?: string;
  /** In this order, again and again, until the time is over; each at least once. */
  readonly faults: readonly Fault[];
  readonly durationMs: number;
  /** Of faultless work between two faults, at least and at most. */
  readonly calmMs: readonly [number, number];
  readonly clientsPerMember: number;
  /** Told what happens, for people. */
  readonly report: (line: string) => void;
}

export interface RunResult {
  readonly faults: readonly FaultRecord[];
  readonly violations: readonly Violation[];
  readonly operationCount: number;
  readonly acknowledgedPerSecond: number;
  readonly listCount: number;
  readonly streamCount: number;
  readonly eventCount: number;
  readonly problems: ReadonlyMap<string, number>;
}

const red = { label: 'color', value: 'red' };
const healthLimitMs = 90_000;
const catchUpLimitMs = 30_000;

/** Clients and watchers work on every member while one fault follows the other; then everything is judged. */
export async function runFaults(options: RunOptions): Promise<RunResult> {
  const { cluster, random, report } = options;
  const recorder = new Recorder();
  const members = (): FaultCluster['members'] => cluster.members;
  const note = (problem: string): void => recorder.note(problem);
  const watchers = [
    ...members().map(({ name }) => ({ name, selector: undefined })),
    ...members()
      .slice(0, 2)
      .map(({ name }) => ({ name: `${name} red`, selector: red })),
  ].map(({ name, selector }) => new Watcher({ name, selector, members, note, random: random.fork(name) }));
  for (const watcher of watchers) watcher.start();
  await waitFor('start of all watchers', catchUpLimitMs, () => watchers.every(({ reached }) => reached > 0));

  const stopping = new AbortController();
  const keys = new Keys(options.prefix ?? '', 6, 120);
  const homes = members().flatMap(({ name }) => Array.from({ length: options.clientsPerMember }, () => name));
  const clients = [...homes, undefined, undefined].map((home, index) => {
    const name = `c${index + 1}`;
    const chance = random.fork(name);
    return runClient({ name, home, members, keys, recorder, random: chance, pauseMs: 25 }, stopping.signal);
  });
  const startMs = performance.now();
  const faults: FaultRecord[] = [];
  try {
    for (let round = 0; ; round += 1) {
      const fault = options.faults[round % options.faults.length];
      if (fault === undefined || (round >= options.faults.length && isOver(startMs, options))) break;
      await cluster.waitUntilServing(healthLimitMs);
      await delay(random.between(...options.calmMs));
      const leader = await findLeader(cluster);
      faults.push(await meetFault(fault, { cluster, random, leader }, recorder));
      report(`${seconds(startMs)} ${describeFault(faults.at(-1))}`);
    }
    await delay(random.between(...options.calmMs));
  } finally {
    stopping.abort();
    await Promise.all(clients);
  }
  const seconds0 = (performance.now() - startMs) / 1_000;
  await cluster.waitUntilHealthy(healthLimitMs);
  await readEverything(cluster, recorder);
  const end = await writeMarker(cluster, recorder, options.prefix ?? '');
  report(`${seconds(startMs)} caught up: waiting for the watchers to see revision ${end}`);
  await waitFor('watchers that saw the end', catchUpLimitMs, () =>
    watchers.every(({ reached }) => reached >= end),
  );
  await Promise.all(watchers.map((watcher) => watcher.stop()));

  const streams = watchers.flatMap((watcher) => watcher.streams);
  const acknowledged = recorder.operations.filter(({ outcome }) => outcome.kind === 'known').length;
  return {
    faults,
    violations: judge(recorder, streams),
    operationCount: recorder.operations.length,
    acknowledgedPerSecond: acknowledged / seconds0,
    listCount: recorder.lists.length,
    streamCount: streams.length,
    eventCount: streams.reduce((sum, { items }) => sum + items.length, 0),
    problems: recorder.problems,
  };
}

function isOver(startMs: number, { durationMs }: RunOptions): boolean {
  return performance.now() - startMs > durationMs;
}

function seconds(startMs: number): string {
  return `${((performance.now() - startMs) / 1_000).toFixed(1).padStart(6)} s`;
}

export function describeFault(record: FaultRecord | undefined): string {
  if (record === undefined) return '';
  const { name, what, lastedMs, metCount, failedCount, recoveryMs } = record;
  const times = `${Math.round(lastedMs)} ms, writes again after ${Math.round(recoveryMs)} ms`;
  return `${name} (${what}): ${times}; met ${metCount} operations, ${failedCount} of them failed`;
}

/** What every member says at the end goes into the history like everything else: all have to agree with it. */
async function readEverything({ members }: FaultCluster, recorder: Recorder): Promise<void> {
  for (const { name: member, client } of members) {
    for (const isCurrent of [true, false]) {
      const calledAt = recorder.tick();
      const startMs = performance.now();
      const { revision, objects } = await listObjects(client, isCurrent ? {} : { resourceVersion: '0' });
      const returnedAt = recorder.tick();
      recorder.lists.push({
        member,
        calledAt,
        returnedAt,
        startMs,
        isCurrent,
        labels: {},
        revision,
        objects,
      });
    }
  }
}

/** One last write that every watcher gets to see. */
async function writeMarker({ members }: FaultCluster, recorder: Recorder, prefix: string): Promise<number> {
  const [first] = members;
  if (first === undefined) throw new Error('there are no members');
  const labels = { generation: 'end', color: 'red' };
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const key = `${prefix}marker-${attempt}`;
    const input = { kind: 'create', id: key } as const;
    const outcome = await recorder.run({ member: first.name, key, input }, () =>
      request(first.client, key, input, { labels }),
    );
    if (outcome.kind === 'known' && outcome.output.kind === 'written') return outcome.output.revision ?? 0;
  }
  throw new Error('the last write was refused five times, though every member is healthy');
}

async function waitFor(what: string, timeoutMs: number, isDone: () => boolean): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!isDone()) {
    if (performance.now() > end) throw new Error(`no ${what} within ${timeoutMs / 1_000} s`);
    await delay(50);
  }
}
