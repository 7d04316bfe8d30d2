import assert from 'node:assert/strict';
import type { Network } from '../../../../src/api/generated/network.ts';
import type { InstanceObservation } from '../../../../src/hostagent/instance/driver.ts';
import {
  reportInstance,
  writeRunStatus,
  type InstanceFacts,
} from '../../../../src/hostagent/instance/instance-status.ts';
import type { ResolvedNic } from '../../../../src/hostagent/instance/resolve-instance.ts';

const prepared = { status: 'True', reason: 'Prepared', message: '' } as const;
const network: Network = {
  apiVersion: 'muster.dev/v1alpha1',
  kind: 'Network',
  metadata: { name: 'muster0' },
  spec: { type: 'bridge' },
  status: { ipv4Address: '10.5.0.1/24' },
};
const nic: ResolvedNic = {
  network,
  spec: { name: 'eth0', hostName: 'mv1', bridge: 'muster0', hwaddr: '00:16:3e:00:00:01' },
  host: { id: 'mv1', hwaddr: '00:16:3e:00:00:01' },
};
const inet = { interface: 'eth0', family: 'inet', address: '10.5.0.9' } as const;
const inet6 = { interface: 'eth0', family: 'inet6', address: 'fd42::9' } as const;

function observe(state: InstanceObservation['state']): InstanceObservation {
  const startedAtMs = Date.parse('2026-01-01T00:00:00Z');
  return { name: 'default_web', uid: 'u', epoch: 1, state, isOutdated: false, pid: 42, startedAtMs };
}

function facts(more: Partial<InstanceFacts>): InstanceFacts {
  return { wantsRunning: true, prepared, observed: undefined, addresses: [], nics: [nic], ...more };
}

describe('hostagent/instance/instance-status', () => {
  const cases: readonly {
    readonly name: string;
    readonly facts: InstanceFacts;
    readonly want: readonly string[];
  }[] = [
    {
      name: 'runs with an address',
      facts: facts({ observed: observe('Running'), addresses: [inet] }),
      want: ['Running', 'True Running', 'True Ready'],
    },
    {
      name: 'runs and waits for its address',
      facts: facts({ observed: observe('Running'), addresses: [inet6] }),
      want: ['Running', 'True Running', 'False NoAddress'],
    },
    {
      name: 'needs no address without a network',
      facts: facts({ observed: observe('Running'), nics: [] }),
      want: ['Running', 'True Running', 'True Ready'],
    },
    {
      name: 'is being stopped',
      facts: facts({
        wantsRunning: false,
        observed: observe('Running'),
        wait: { reason: 'Stopping', message: '' },
      }),
      want: ['Stopping', 'True Stopping', 'False Stopping'],
    },
    {
      name: 'is stopped as wanted',
      facts: facts({ wantsRunning: false, observed: observe('Stopped') }),
      want: ['Stopped', 'False Stopped', 'True Stopped'],
    },
    {
      name: 'ended by itself too often',
      facts: facts({ observed: observe('Stopped'), wait: { reason: 'BackingOff', message: '' } }),
      want: ['Error', 'False BackingOff', 'False BackingOff'],
    },
    {
      name: 'could not be started',
      facts: facts({ observed: observe('Stopped'), failure: 'no init' }),
      want: ['Error', 'False Failed', 'False Failed'],
    },
    {
      name: 'goes on running when a look fails',
      facts: facts({ observed: observe('Running'), addresses: [inet], failure: 'no pool' }),
      want: ['Running', 'True Running', 'False Failed'],
    },
    {
      name: 'waits for what it needs',
      facts: facts({ prepared: { status: 'False', reason: 'ImageNotHere', message: '' } }),
      want: ['Pending', 'False NotStarted', 'False ImageNotHere'],
    },
    {
      name: 'is between start and running',
      facts: facts({ observed: observe('Changing'), wait: { reason: 'Changing', message: '' } }),
      want: ['Starting', 'False Changing', 'False Changing'],
    },
  ];
  for (const { name, facts: given, want } of cases) {
    it(name, () => {
      const { state, running, ready } = reportInstance(given);
      const short = [running, ready].map(({ status, reason }) => `${status} ${reason}`);
      assert.deepEqual([state, ...short], want);
    });
  }

  it('tells process, start and addresses while it runs, IPv4 first', () => {
    const status = {};
    writeRunStatus(status, facts({ observed: observe('Running'), addresses: [inet6, inet] }));
    assert.deepEqual(status, {
      pid: 42,
      startedAt: '2026-01-01T00:00:00Z',
      addresses: [
        { ...inet, network: 'muster0' },
        { ...inet6, network: 'muster0' },
      ],
    });
  });

  it('takes them back when it does not', () => {
    const status = { pid: 42, startedAt: 'x', addresses: [inet] };
    writeRunStatus(status, facts({ observed: observe('Stopped') }));
    assert.deepEqual(status, { pid: undefined, startedAt: undefined, addresses: undefined });
  });
});
