import assert from 'node:assert/strict';
import { ready } from '../../../../src/reconcilers/network/ready.ts';
import { buildNetwork, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/network/ready', () => {
  const cases: {
    name: string;
    parts: Record<string, 'Created' | 'Errored' | 'Pending'>;
    online: string[];
    want: string;
  }[] = [
    {
      name: 'is ready once every member that is online has its part',
      parts: { a: 'Created', b: 'Pending' },
      online: ['a'],
      want: 'settled: created on 1 member',
    },
    {
      name: 'waits for a member that has not said anything yet',
      parts: { a: 'Created' },
      online: ['a', 'b'],
      want: 'blocked: Creating: waiting for b',
    },
    {
      name: 'tells what went wrong on a member',
      parts: { a: 'Created', b: 'Errored' },
      online: ['a', 'b'],
      want: 'blocked: MemberErrored: b: no space',
    },
    {
      name: 'does not mind an error of a member that is away',
      parts: { a: 'Created', b: 'Errored' },
      online: ['a'],
      want: 'settled: created on 1 member',
    },
  ];
  for (const { name, parts, online, want } of cases) {
    it(name, async () => {
      const members = Object.entries(parts).map(([member, state]) =>
        state === 'Errored' ? { name: member, state, message: 'no space' } : { name: member, state },
      );
      const draft = buildNetwork('local', { status: { members } });
      assert.equal(await runStep(ready, draft, { listOnlineMembers: () => online }), want);
    });
  }
});
