import assert from 'node:assert/strict';
import type { Member } from '../../../../src/api/generated/member.ts';
import { deletion } from '../../../../src/reconcilers/instance/deletion.ts';
import { finalizer } from '../../../../src/reconcilers/instance/finalizer.ts';
import { buildCondition, buildInstance, buildMember, runStep } from '../../../support/build-objects.ts';

const ours = 'muster.dev/instance';

describe('reconcilers/instance/deletion', () => {
  const cases: { name: string; placed?: boolean; members: Member[]; want: string; keeps: string[] }[] = [
    {
      name: 'is left to the member that has it',
      placed: true,
      members: [buildMember('a')],
      want: 'settled False: CleaningUp: member a is removing the instance',
      keeps: [ours],
    },
    {
      name: 'waits for a member that is offline',
      placed: true,
      members: [
        buildMember('a', { status: { conditions: [buildCondition('Online', { status: 'False' })] } }),
      ],
      want: 'blocked: MemberOffline: member a is offline; it removes the instance when it is back',
      keeps: [ours],
    },
    {
      name: 'ends at once when it was never placed',
      members: [buildMember('a')],
      want: 'settled False: Forgetting: no member has anything of the instance',
      keeps: [],
    },
    {
      name: 'ends when its member has left',
      placed: true,
      members: [],
      want: 'settled False: Forgetting: no member has anything of the instance',
      keeps: [],
    },
  ];
  for (const { name, placed = false, members, want, keeps } of cases) {
    it(name, async () => {
      const instance = buildInstance('web', {
        deletionTimestamp: '2026-01-01T00:00:00Z',
        finalizers: [ours],
        status: placed ? { member: 'a' } : {},
      });
      const getMember = (wanted: string): Member | undefined =>
        members.find(({ metadata }) => metadata.name === wanted);
      const outcome = await runStep(deletion, instance, { getMember });
      const hasMember = (wanted: string): boolean => getMember(wanted) !== undefined;
      await runStep(finalizer, instance, { hasMember, isResolvable: () => true });
      assert.deepEqual([outcome, instance.metadata.finalizers], [want, keeps]);
    });
  }

  it('is prepared before the instance is placed', async () => {
    const instance = buildInstance('web');
    await runStep(finalizer, instance, { hasMember: () => false, isResolvable: () => true });
    await runStep(finalizer, instance, { hasMember: () => false, isResolvable: () => true });
    assert.deepEqual(instance.metadata.finalizers, [ours]);
  });
});
