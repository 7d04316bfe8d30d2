import assert from 'node:assert/strict';
import { silentLogger } from '../../../src/base/logger.ts';
import { runWhileLeading } from '../../../src/runtime/leader-run.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(run: (term: number, signal: AbortSignal) => Promise<void>) {
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  const leadership = {
    leadingTerm: undefined as number | undefined,
    subscribe(changed: () => void) {
      listeners.add(changed);
      changed();
      return () => listeners.delete(changed);
    },
  };
  const clock = new FakeClock();
  const done = runWhileLeading(
    { leadership, run, clock, random: () => 1, logger: silentLogger },
    stop.signal,
  );
  const lead = async (term: number | undefined): Promise<void> => {
    leadership.leadingTerm = term;
    for (const listener of listeners) listener();
    await turn();
  };
  return { clock, done, lead, stop, listeners };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => setImmediate(resolve));
  });
}

describe('runtime/leader-run', () => {
  it('runs once per term, one at a time, and stops with the term and with the signal', async () => {
    const log: string[] = [];
    const { lead, stop, done, listeners } = start(async (term, signal) => {
      log.push(`start ${term}`);
      await untilAborted(signal);
      log.push(`end ${term}`);
    });
    await turn();
    await lead(3);
    await lead(5);
    await turn();
    await lead(undefined);
    await turn();
    await lead(9);
    stop.abort();
    await done;
    assert.deepEqual(log, ['start 3', 'end 3', 'start 5', 'end 5', 'start 9', 'end 9']);
    assert.equal(listeners.size, 0);
  });

  it('starts a run again that failed while its term goes on', async () => {
    const log: number[] = [];
    const { clock, lead, stop, done } = start((term) => {
      log.push(term);
      return Promise.reject(new Error('broken'));
    });
    await lead(4);
    await turn();
    await clock.advance(500);
    await turn();
    assert.deepEqual(log, [4, 4]);
    stop.abort();
    await done;
  });
});
