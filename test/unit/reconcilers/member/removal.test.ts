import assert from 'node:assert/strict';
import { memberFinalizerStep, removal } from '../../../../src/reconcilers/member/removal.ts';
import { buildMember, runStep } from '../../../support/build-objects.ts';

const finalizer = 'muster.dev/member';
const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('reconcilers/member/removal', () => {
  const cases = [
    {
      name: 'lets an empty member go',
      want: 'settled False: Leaving: it is leaving the cluster',
      removed: ['a'],
    },
    {
      name: 'keeps a member that has instances, and names some',
      instances: ['d/1', 'd/2', 'd/3', 'd/4', 'd/5', 'd/6'],
      want: 'blocked: HasInstances: it still has the instances d/1, d/2, d/3, d/4, d/5 and 1 more',
      removed: [],
    },
    {
      name: 'keeps the only holder of an image',
      images: ['d/busybox'],
      want: 'blocked: HasImages: no other member has the images d/busybox',
      removed: [],
    },
    {
      name: 'keeps the last member',
      members: 1,
      want: 'blocked: LastMember: it is the only member of the cluster',
      removed: [],
    },
  ];
  for (const { name, instances = [], images = [], members = 3, want, removed } of cases) {
    it(name, async () => {
      const seen: string[] = [];
      const outcome = await runStep(removal, buildMember('a'), {
        instancesOn: () => instances,
        imagesOnlyOn: () => images,
        countMembers: () => members,
        removeFromDatabase: (member: string) => {
          seen.push(member);
          return Promise.resolve();
        },
      });
      assert.deepEqual([outcome, seen], [want, removed]);
    });
  }

  const finalizers = [
    { name: 'puts the finalizer on a member', deleting: false, isInDatabase: true, want: [finalizer] },
    {
      name: 'keeps it while the member is in the database',
      deleting: true,
      isInDatabase: true,
      want: [finalizer],
    },
    {
      name: 'keeps it while the database has not answered',
      deleting: true,
      isInDatabase: undefined,
      want: [finalizer],
    },
    { name: 'takes it away from a member that has left', deleting: true, isInDatabase: false, want: [] },
  ];
  for (const { name, deleting, isInDatabase, want } of finalizers) {
    it(name, async () => {
      const member = buildMember('a', deleting ? { deletionTimestamp, finalizers: [finalizer] } : {});
      await runStep(memberFinalizerStep, member, { isInDatabase: () => isInDatabase });
      assert.deepEqual(member.metadata.finalizers, want);
    });
  }
});
