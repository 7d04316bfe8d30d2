import assert from 'node:assert/strict';
import { createLogger } from '../../../../src/base/logger.ts';
import { giveBackMemory } from '../../../../src/daemon/run/give-back-memory.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const megabyte = 1024 * 1024;

function start() {
  const clock = new FakeClock();
  const state = { cpuMs: 3_000, bytes: 50 * megabyte, collections: 0 };
  const heap = {
    bytes: () => state.bytes,
    cpuMs: () => state.cpuMs,
    collect: () => {
      state.collections += 1;
      state.bytes = 30 * megabyte;
      state.cpuMs += 50;
    },
  };
  const stop = new AbortController();
  const logger = createLogger({ level: 'silent', name: 'test' });
  const running = giveBackMemory(heap, { clock, logger }, stop.signal);
  return {
    clock,
    state,
    end: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
}

describe('giveBackMemory', () => {
  it('collects once when the process has come to rest', async () => {
    const { clock, state, end } = start();
    await clock.advance(60_000);
    await end();
    assert.equal(state.collections, 1);
  });

  it('leaves a process alone that works', async () => {
    const { clock, state, end } = start();
    for (let second = 0; second < 60; second += 1) {
      state.cpuMs += 100;
      await clock.advance(1_000);
    }
    assert.equal(state.collections, 0);
    await clock.advance(20_000);
    await end();
    assert.equal(state.collections, 1);
  });

  it('does not bother for little', async () => {
    const { clock, state, end } = start();
    await clock.advance(30_000);
    state.bytes += 4 * megabyte;
    await clock.advance(60_000);
    await end();
    assert.equal(state.collections, 1);
  });

  it('collects again after more work', async () => {
    const { clock, state, end } = start();
    await clock.advance(30_000);
    state.bytes += 12 * megabyte;
    await clock.advance(30_000);
    await end();
    assert.equal(state.collections, 2);
  });

  it('waits for a long rest where there is little to gain', async () => {
    const { clock, state, end } = start();
    await clock.advance(30_000);
    state.cpuMs += 1_000;
    state.bytes += 20 * megabyte;
    await clock.advance(10_000);
    await clock.advance(20_000);
    assert.equal(state.collections, 1);
    await clock.advance(20_000);
    await end();
    assert.equal(state.collections, 2);
  });

  for (const [grownBy, collections] of [
    [60 * megabyte, 2],
    [20 * megabyte, 1],
  ] as const) {
    it(`collects ${collections - 1} times in a short rest after growing by ${grownBy} bytes`, async () => {
      const { clock, state, end } = start();
      await clock.advance(60_000);
      state.cpuMs += 8_000;
      await clock.advance(10_000);
      state.bytes += grownBy;
      state.cpuMs += 1_000;
      await clock.advance(2_000);
      assert.equal(state.collections, 1);
      await clock.advance(3_000);
      await end();
      assert.equal(state.collections, collections);
    });
  }

  for (const [grownBy, collections] of [
    [70 * megabyte, 2],
    [20 * megabyte, 1],
  ] as const) {
    it(`collects ${collections - 1} times in a minute of work after growing by ${grownBy} bytes`, async () => {
      const { clock, state, end } = start();
      await clock.advance(20_000);
      state.bytes += grownBy;
      for (let second = 0; second < 70; second += 1) {
        state.cpuMs += 800;
        await clock.advance(1_000);
      }
      await end();
      assert.equal(state.collections, collections);
    });
  }

  it('counts what V8 needed meanwhile', async () => {
    const { clock, state, end } = start();
    await clock.advance(60_000);
    state.cpuMs += 8_000;
    state.bytes += 60 * megabyte;
    await clock.advance(10_000);
    state.bytes -= 60 * megabyte;
    await clock.advance(3_000);
    assert.equal(state.collections, 2);
    await end();
  });
});
