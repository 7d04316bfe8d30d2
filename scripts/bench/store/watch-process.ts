// The process that watches and writes at a steady rate: the times on both ends are of one clock.
import { setTimeout as delay } from 'node:timers/promises';

import { summarizeLatencies, type LatencySummary } from '../kit/latencies.ts';
import { ApiClient } from './api-client.ts';
import { EtcdClient } from './etcd-client.ts';
import type { TlsTarget } from './http2-session.ts';

export interface WatchOrder {
  readonly kind: 'api' | 'etcd';
  /** One for each member; the watchers are spread over them. */
  readonly targets: readonly TlsTarget[];
  /** Which of them is written to. */
  readonly leader: number;
  readonly watchers: number;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly namespace: string;
}

export interface WatchFigures {
  /** From before the write was sent until a watcher had the event. */
  readonly latency: LatencySummary;
  /** What should have come, had every watcher seen every write. */
  readonly expected: number;
}

const valueBytes = 1_000;
const keys = 100;
const settleMs = 1_000;

async function run(order: WatchOrder): Promise<WatchFigures> {
  const samplesMs: number[] = [];
  const receive = createReceiver(samplesMs);
  const closers: (() => void)[] = [];
  const writers = order.targets.map((target) => openTarget(order, target));
  for (const writer of writers) closers.push(() => writer.close());
  // Creating is another operation than overwriting: all that is measured finds its keys there.
  for (let key = 0; key < keys; key += 1) await writers[order.leader]?.write(String(key), pad('warm-up'));
  for (let index = 0; index < order.watchers; index += 1) {
    const stream = writers[index % writers.length]?.watch();
    let carry = '';
    stream?.on('data', (chunk: Buffer) => (carry = receive(carry + chunk.toString('latin1'))));
    stream?.on('error', (error: Error) => console.error(`a watcher failed: ${error.message}`));
  }
  await delay(settleMs);
  samplesMs.length = 0;
  const count = Math.round((order.durationMs / 1_000) * order.perSecond);
  const startedMs = performance.now();
  const pending: Promise<void>[] = [];
  for (let sequence = 0; sequence < count; sequence += 1) {
    // By the clock and not by the answers: a slow write must not slow the load down.
    const waitMs = startedMs + (sequence * 1_000) / order.perSecond - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const sent = pad(`@${process.hrtime.bigint()}@`);
    const written = writers[order.leader]?.write(String(sequence % keys), sent);
    if (written !== undefined) pending.push(written);
  }
  await Promise.all(pending);
  await delay(settleMs);
  for (const close of closers) close();
  return { latency: summarizeLatencies(samplesMs), expected: count * order.watchers };
}

/** Takes the send times out of what arrives; answers the end that may be half a mark. */
function createReceiver(samplesMs: number[]): (text: string) => string {
  return (text) => {
    const now = process.hrtime.bigint();
    let end = 0;
    for (const match of text.matchAll(/@(\d{6,20})@/g)) {
      samplesMs.push(Number(now - BigInt(match[1] ?? '0')) / 1e6);
      end = match.index + match[0].length;
    }
    return text.slice(Math.max(end, text.length - 24));
  };
}

function openTarget({ kind, namespace }: WatchOrder, target: TlsTarget) {
  if (kind === 'etcd') {
    const client = new EtcdClient(target);
    return {
      write: (key: string, value: string) => client.put(`${namespace}/${key}`, Buffer.from(value)),
      watch: () => client.watch(`${namespace}/`),
      close: () => client.close(),
    };
  }
  const client = new ApiClient(target);
  const created = new Set<string>();
  return {
    async write(key: string, value: string) {
      if (created.has(key)) return client.replace(namespace, `key-${key}`, value);
      created.add(key);
      return client.create(namespace, `key-${key}`, value);
    },
    watch: () => client.watch(namespace),
    close: () => client.close(),
  };
}

function pad(text: string): string {
  return text.padEnd(valueBytes, 'x');
}

process.once('message', (order: WatchOrder) => {
  run(order).then(
    (figures) => process.send?.(figures, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
