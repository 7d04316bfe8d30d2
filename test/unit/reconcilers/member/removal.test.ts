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
      name: 'lets go of a member with all it has when somebody has said so',
      instances: ['d/1', 'd/2'],
      images: ['d/busybox'],
      force: true,
      want: 'settled False: Leaving: it is leaving the cluster',
      removed: ['instance d/1', 'instance d/2', 'a'],
    },
    {
      name: 'keeps the last member even then',
      force: true,
      members: 1,
      want: 'blocked: LastMember: it is the only member of the cluster',
      removed: [],
    },
    {
      name: 'keeps the last member',
      members: 1,
      want: 'blocked: LastMember: it is the only member of the cluster',
      removed: [],
    },
  ];
  for (const { name, instances = [], images = [], members = 3, force, want, removed } of cases) {
    it(name, async () => {
      const seen: string[] = [];
      const annotations = { 'muster.dev/force-removal': String(force) };
      const outcome = await runStep(removal, buildMember('a', { annotations }), {
        instancesOn: () => instances,
        imagesOnlyOn: () => images,
        deleteInstance: (key: string) => {
          seen.push(`instance ${key}`);
          return Promise.resolve();
        },
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
