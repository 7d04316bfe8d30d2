import assert from 'node:assert/strict';
import { followChanges } from '../../../src/runtime/follow-changes.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function buildSource() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    change: (): void => {
      for (const changed of listeners) changed();
    },
    source: {
      subscribe(changed: () => void) {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    },
  };
}

const never = new AbortController().signal;

/** Whether the wait is over, once everything that could end it now has run. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  const state = { isOver: false };
  void wait.then(() => {
    state.isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return state.isOver;
}

describe('followChanges', () => {
  it('waits for the time when nothing changes', async () => {
    const clock = new FakeClock();
    const wait = followChanges([buildSource().source], clock).wait(1_000, never);
    await clock.advance(999);
    assert.equal(await isOver(wait), false);
    await clock.advance(1);
    assert.equal(await isOver(wait), true);
  });

  it('ends a wait with a change of any source, and the next one no more', async () => {
    const [first, second] = [buildSource(), buildSource()];
    const changes = followChanges([first.source, second.source], new FakeClock());
    const wait = changes.wait(1_000, never);
    assert.equal(await isOver(wait), false);
    second.change();
    assert.equal(await isOver(wait), true);
    assert.equal(await isOver(changes.wait(1_000, never)), false);
  });

  it('does not miss a change that came between two waits', async () => {
    const { source, change } = buildSource();
    const changes = followChanges([source], new FakeClock());
    change();
    assert.equal(await isOver(changes.wait(1_000, never)), true);
    assert.equal(await isOver(changes.wait(1_000, never)), false);
  });

  it('ends a wait at the abort', async () => {
    const stop = new AbortController();
    const wait = followChanges([], new FakeClock()).wait(1_000, stop.signal);
    stop.abort();
    assert.equal(await isOver(wait), true);
  });

  it('lets go of its sources', () => {
    const { source, listeners } = buildSource();
    followChanges([source], new FakeClock()).close();
    assert.equal(listeners.size, 0);
  });
});
