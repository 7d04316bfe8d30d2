import assert from 'node:assert/strict';
import type { Condition } from '../../../src/api/meta.ts';
import { runSteps } from '../../../src/controllers/run-steps.ts';
import { settled, type Outcome, type Step } from '../../../src/reconcilers/step.ts';
import { buildProfile } from '../../support/build-objects.ts';

const nowMs = Date.parse('2026-02-02T00:00:00Z');
type Draft = ReturnType<typeof buildProfile>;

function step(condition: string | undefined, outcome: Outcome | Error): Step<Draft, unknown> {
  const run = (): Outcome => {
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return condition === undefined ? { run } : { condition, run };
}

const blocked: Outcome = { kind: 'blocked', reason: 'Missing', message: 'no pool' };
const old: Condition = {
  type: 'A',
  status: 'True',
  reason: 'A',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

function run(steps: Step<Draft, unknown>[], conditions: Condition[] = []) {
  const draft = buildProfile('default', { generation: 4, status: { conditions } });
  const result = runSteps(steps, draft, undefined, nowMs, new AbortController().signal);
  const said = (): string[] =>
    (draft.status.conditions ?? []).map(
      ({ type, status, reason, message, lastTransitionTime, observedGeneration }) =>
        `${type} ${status} ${reason} "${message}" ${lastTransitionTime.slice(5, 10)} ${observedGeneration ?? '-'}`,
    );
  return { result, said };
}

describe('controllers/run-steps', () => {
  it('writes one condition for each step from its outcome', async () => {
    const { result, said } = run([
      step('A', settled),
      step(undefined, settled),
      step('B', { kind: 'settled', status: 'False', reason: 'Idle', message: 'nobody' }),
    ]);
    const { changed, unsettled } = await result;
    assert.deepEqual([changed.length, unsettled], [2, undefined]);
    assert.deepEqual(said(), ['A True A "" 02-02 4', 'B False Idle "nobody" 02-02 4']);
  });

  it('stops at the first that is not settled and leaves later conditions alone', async () => {
    const { result, said } = run([step('B', blocked), step('A', settled)], [old]);
    assert.deepEqual((await result).unsettled, { status: 'False', reason: 'Missing', message: 'no pool' });
    assert.deepEqual(
      (await result).changed.map(({ isTrouble, condition }) => [condition.type, isTrouble]),
      [['B', true]],
    );
    assert.deepEqual(said(), ['A True A "" 01-01 -', 'B False Missing "no pool" 02-02 4']);
  });

  it('hands on when to look again', async () => {
    const { result } = run([step('A', { kind: 'waiting', reason: 'Soon', message: '', recheckMs: 700 })]);
    assert.equal((await result).recheckMs, 700);
  });

  it('moves the transition time only with the status, and reports only news', async () => {
    const { result, said } = run([step('A', { kind: 'settled', message: 'still' })], [old]);
    assert.deepEqual((await result).changed, []);
    assert.deepEqual(said(), ['A True A "still" 01-01 4']);
  });

  it('keeps what a step threw, and says so in its condition', async () => {
    const error = new Error('reading the pool', { cause: new Error('broken') });
    const { result, said } = run([step('A', error), step('B', settled)]);
    assert.equal((await result).error, error);
    assert.deepEqual(said(), ['A Unknown Failed "reading the pool: broken" 02-02 4']);
  });
});
