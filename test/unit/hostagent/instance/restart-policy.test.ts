import assert from 'node:assert/strict';
import { createRestartPolicy } from '../../../../src/hostagent/instance/restart-policy.ts';

describe('hostagent/instance/restart-policy', () => {
  it('waits longer with each end soon after a start, up to five minutes', () => {
    const restarts = createRestartPolicy();
    const delays = Array.from({ length: 11 }, (_, index) => {
      const startedAtMs = index * 1_000_000;
      return restarts.noteExit('u1', startedAtMs, startedAtMs + 100).notBeforeMs - startedAtMs - 100;
    });
    assert.deepEqual(
      delays.map((ms) => ms / 1_000),
      [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300],
    );
  });

  it('answers the same about the same start however often it is asked', () => {
    const restarts = createRestartPolicy();
    const first = restarts.noteExit('u1', 0, 100);
    assert.deepEqual(restarts.noteExit('u1', 0, 5_000), first);
  });

  it('starts at once what ran for a while, and forgets earlier ends', () => {
    const restarts = createRestartPolicy();
    restarts.noteExit('u1', 0, 100);
    const { exits, notBeforeMs } = restarts.noteExit('u1', 1_000, 61_000);
    assert.deepEqual([exits, notBeforeMs], [1, 61_000]);
  });

  it('counts each instance by itself', () => {
    const restarts = createRestartPolicy();
    restarts.noteExit('u1', 0, 100);
    assert.equal(restarts.noteExit('u2', 0, 100).exits, 1);
  });
});
