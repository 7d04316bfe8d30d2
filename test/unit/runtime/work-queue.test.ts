import assert from 'node:assert/strict';
import { apiError } from '../../../src/api/api-error.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createWorkQueue, type WorkQueue, type WorkResult } from '../../../src/runtime/work-queue.ts';
import { FakeClock } from '../../support/fake-clock.ts';

interface World {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  readonly stop: AbortController;
  /** Keys in the order in which their handler was called, with the time. */
  readonly seen: string[];
  readonly done: Promise<void>;
}

function start(handle: (key: string) => Promise<WorkResult | undefined>, workers = 1): World {
  const clock = new FakeClock();
  const startMs = clock.now();
  const seen: string[] = [];
  const stop = new AbortController();
  const queue = createWorkQueue({
    name: 'test',
    workers,
    clock,
    random: () => 1,
    logger: silentLogger,
    deadlineMs: 10_000,
    backoff: { initialMs: 100, maxMs: 350 },
    handle: (key) => {
      seen.push(`${key}@${clock.now() - startMs}`);
      return handle(key);
    },
  });
  return { clock, queue, stop, seen, done: queue.run(stop.signal) };
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets what was started come to its timers before time moves. */
async function advance(clock: FakeClock, ms: number): Promise<void> {
  await turn();
  await clock.advance(ms);
}

describe('runtime/work-queue', () => {
  it('handles a key once however often it was added', async () => {
    const { queue, seen } = start(nothing);
    for (const key of ['a', 'b', 'b', 'c', 'b']) queue.add(key);
    await turn();
    assert.deepEqual(seen, ['a@0', 'b@0', 'c@0']);
  });

  it('never handles a key twice at a time, and once more when it was added meanwhile', async () => {
    const gates: (() => void)[] = [];
    const handle = (): Promise<undefined> =>
      new Promise((resolve) =>
        gates.push(() => {
          resolve(undefined);
        }),
      );
    const { queue, seen } = start(handle, 4);
    for (const key of ['a', 'a', 'b', 'a']) queue.add(key);
    await turn();
    assert.deepEqual(seen, ['a@0', 'b@0']);
    assert.deepEqual(queue.counts, {
      waiting: 1,
      delayed: 0,
      running: 2,
      handled: 0,
      failed: 0,
      conflicts: 0,
    });
    gates[0]?.();
    await turn();
    assert.deepEqual(seen, ['a@0', 'b@0', 'a@0']);
  });

  it('runs at most as many handlers as it has workers', async () => {
    const { queue, seen } = start(() => new Promise(() => undefined), 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await turn();
    assert.deepEqual([seen, queue.counts.waiting], [['a@0', 'b@0'], 1]);
  });

  it('backs off per key up to the limit, and forgets the failures after a success', async () => {
    let healthy = false;
    const { clock, queue, seen } = start((key) =>
      healthy || key === 'good' ? nothing() : Promise.reject(new Error('broken')),
    );
    queue.add('bad');
    queue.add('good');
    await advance(clock, 1_100);
    assert.deepEqual(seen, ['bad@0', 'good@0', 'bad@100', 'bad@300', 'bad@650', 'bad@1000']);
    healthy = true;
    await advance(clock, 400);
    healthy = false;
    queue.add('bad');
    await advance(clock, 100);
    assert.deepEqual(seen.slice(6), ['bad@1350', 'bad@1500', 'bad@1600']);
  });

  it('counts a write conflict apart from failures', async () => {
    const { clock, queue } = start(() => Promise.reject(apiError('Conflict', 'changed meanwhile')));
    queue.add('a');
    await advance(clock, 50);
    assert.deepEqual([queue.counts.failed, queue.counts.conflicts, queue.counts.delayed], [0, 1, 1]);
  });

  it('looks again after the time that the handler asked for', async () => {
    const { clock, queue, seen } = start(() => Promise.resolve({ recheckMs: 500 }));
    queue.add('a');
    await advance(clock, 1_000);
    assert.deepEqual(seen, ['a@0', 'a@500', 'a@1000']);
  });

  it('keeps the earlier of two delays, and drops it when the key is handled before', async () => {
    const { clock, queue, seen } = start(nothing);
    queue.addAfter('a', 300);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    queue.addAfter('b', 400);
    await advance(clock, 250);
    queue.add('b');
    await advance(clock, 1_000);
    assert.deepEqual(seen, ['a@200', 'b@250']);
  });

  it('tells a handler by its signal that the time is over', async () => {
    const clock = new FakeClock();
    const reasons: string[] = [];
    const queue = createWorkQueue({
      name: 'test',
      workers: 1,
      clock,
      random: () => 1,
      logger: silentLogger,
      deadlineMs: 1_000,
      handle: (_key, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push(String(signal.reason));
            reject(signal.reason as Error);
          });
        }),
    });
    void queue.run(new AbortController().signal);
    queue.add('a');
    await advance(clock, 1_000);
    assert.deepEqual(reasons, ['DeadlineError: gave up after 1000 ms while handling test a']);
  });

  it('stops after the running handlers have returned, and takes no new keys', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { queue, seen, stop, done, clock } = start(() => gate.promise);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    await turn();
    stop.abort();
    queue.add('d');
    let ended = false;
    void done.then(() => (ended = true));
    await advance(clock, 100);
    assert.equal(ended, false);
    gate.resolve(undefined);
    await done;
    assert.deepEqual([seen, queue.counts.waiting, queue.counts.delayed], [['a@0'], 0, 0]);
  });
});
