import assert from 'node:assert/strict';
import { inStep, inStepIfLong } from '../../../src/base/in-step.ts';

const at = (nowMs: number) => ({ monotonicMs: () => nowMs });

describe('inStep', () => {
  const cases: readonly (readonly [string, number, number, number, number])[] = [
    ['ends at the nearest full second', 10_300, 2_000, 1_000, 1_700],
    ['may be over a little early', 10_300, 12_000, 1_000, 11_700],
    ['may be over a little late', 10_700, 12_000, 1_000, 12_300],
    ['goes on in step once it is', 11_000, 1_000, 1_000, 1_000],
    ['does not gain on a timer that is a little late', 11_002, 1_000, 1_000, 998],
    ['is never over at once', 10_999.6, 1_000, 1_000, 1_001],
    ['follows another step', 10_130, 500, 500, 370],
    ['ends long waits at every tenth second', 13_000, 60_000, 10_000, 57_000],
    ['leaves what is shorter than a step as it is', 10_300, 200, 1_000, 200],
  ];
  for (const [name, nowMs, ms, stepMs, expected] of cases) {
    it(name, () => {
      assert.equal(inStep(at(nowMs), ms, stepMs), expected);
    });
  }

  it('takes a tenth second for its step from a minute on', () => {
    assert.deepEqual([inStep(at(13_400), 59_000), inStep(at(13_400), 60_000)], [58_600, 56_600]);
  });

  it('may leave short waits as they are meant', () => {
    assert.deepEqual([inStepIfLong(at(300), 5_000), inStepIfLong(at(300), 30_000)], [5_000, 29_700]);
  });
});
