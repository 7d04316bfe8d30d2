import assert from 'node:assert/strict';
import type { InstanceObservation, InstanceSpec } from '../../../../src/hostagent/instance/driver.ts';
import { planInstance, planRemoval, type InstancePlan } from '../../../../src/hostagent/instance/plan.ts';

const nowMs = 1_000_000;
const spec: InstanceSpec = {
  name: 'default_web',
  uid: 'u1',
  epoch: 1,
  hostname: 'web',
  rootfs: '/pool/web/rootfs',
  environment: {},
  limits: {},
  nics: [],
};
const define = { action: 'define', spec } as const;
const start = { action: 'start', name: 'default_web' } as const;
const requestStop = { action: 'requestStop', name: 'default_web' } as const;
const kill = { action: 'kill', name: 'default_web' } as const;
const changing = { reason: 'Changing', ms: 200 } as const;
const stopping = { reason: 'Stopping', ms: 500 } as const;

function observe(
  state: InstanceObservation['state'],
  more: Partial<InstanceObservation> = {},
): InstanceObservation {
  return { name: 'default_web', uid: 'u1', epoch: 1, spec, state, isOutdated: false, ...more };
}

interface Case {
  readonly name: string;
  readonly isRunning?: boolean;
  readonly startNotBeforeMs?: number;
  readonly observed?: InstanceObservation;
  readonly want: InstancePlan;
}

describe('hostagent/instance/plan planInstance', () => {
  const cases: readonly Case[] = [
    { name: 'defines and starts what is not there', want: { steps: [define, start] } },
    { name: 'only defines what shall not run', isRunning: false, want: { steps: [define] } },
    { name: 'leaves alone what runs', observed: observe('Running'), want: { steps: [] } },
    { name: 'starts what is stopped', observed: observe('Stopped'), want: { steps: [start] } },
    {
      name: 'leaves alone what is stopped as wanted',
      isRunning: false,
      observed: observe('Stopped'),
      want: { steps: [] },
    },
    {
      name: 'writes a changed definition down and does not restart',
      observed: observe('Running', { spec: { ...spec, limits: { cpuCount: 2 } } }),
      want: { steps: [define] },
    },
    {
      name: 'waits before starting again what ends by itself',
      startNotBeforeMs: nowMs + 4_000,
      observed: observe('Stopped'),
      want: { steps: [], wait: { reason: 'BackingOff', ms: 4_000 } },
    },
    {
      name: 'asks to stop, and waits',
      isRunning: false,
      observed: observe('Running'),
      want: { steps: [requestStop], wait: stopping },
    },
    {
      name: 'does not ask twice',
      isRunning: false,
      observed: observe('Running', { stopRequestedAtMs: nowMs - 1_000 }),
      want: { steps: [], wait: stopping },
    },
    {
      name: 'looks again at the deadline',
      isRunning: false,
      observed: observe('Running', { stopRequestedAtMs: nowMs - 29_900 }),
      want: { steps: [], wait: { reason: 'Stopping', ms: 100 } },
    },
    {
      name: 'kills after the deadline',
      isRunning: false,
      observed: observe('Running', { stopRequestedAtMs: nowMs - 30_000 }),
      want: { steps: [kill], wait: changing },
    },
    {
      name: 'carries a stop to its end although it is wanted again',
      observed: observe('Running', { stopRequestedAtMs: nowMs - 1_000 }),
      want: { steps: [], wait: stopping },
    },
    {
      name: 'waits while the supervisor works',
      observed: observe('Changing'),
      want: { steps: [], wait: changing },
    },
    {
      name: 'kills an earlier instance of the same name',
      observed: observe('Running', { uid: 'old' }),
      want: { steps: [kill], wait: changing },
    },
    {
      name: 'deletes an earlier instance of the same name',
      observed: observe('Stopped', { uid: 'old' }),
      want: { steps: [{ action: 'delete', name: 'default_web' }] },
    },
  ];
  for (const { name, isRunning = true, startNotBeforeMs = 0, observed, want } of cases) {
    it(name, () => {
      const wish = { spec, isRunning, stopGraceMs: 30_000, startNotBeforeMs };
      assert.deepEqual(planInstance(wish, observed, nowMs), want);
    });
  }
});

describe('hostagent/instance/plan planRemoval', () => {
  const cases: readonly (Pick<Case, 'name' | 'observed' | 'want'> & { readonly graceMs?: number })[] = [
    { name: 'has nothing to do when nothing is left', want: { steps: [] } },
    {
      name: 'deletes what is stopped',
      observed: observe('Stopped'),
      want: { steps: [{ action: 'delete', name: 'default_web' }] },
    },
    {
      name: 'kills at once without a grace',
      observed: observe('Running'),
      want: { steps: [kill], wait: changing },
    },
    {
      name: 'asks first where there is a grace',
      graceMs: 10_000,
      observed: observe('Running'),
      want: { steps: [requestStop], wait: stopping },
    },
  ];
  for (const { name, observed, graceMs = 0, want } of cases) {
    it(name, () => {
      assert.deepEqual(planRemoval(observed, graceMs, nowMs), want);
    });
  }
});
