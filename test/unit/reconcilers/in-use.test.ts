import assert from 'node:assert/strict';
import { inUse, protection } from '../../../src/reconcilers/in-use.ts';
import { buildProfile, runStep } from '../../support/build-objects.ts';

describe('reconcilers/in-use', () => {
  const cases: {
    name: string;
    deleting?: boolean;
    finalizers?: string[];
    users?: string[];
    holders?: string[];
    keeps: string[];
    want: string;
  }[] = [
    {
      name: 'protects an object before anything refers to it',
      keeps: ['muster.dev/in-use'],
      want: 'settled False: Unused: nothing refers to it',
    },
    {
      name: 'names who refers to it, in order, the first three',
      users: ['instance default/d', 'instance default/c', 'instance default/a', 'instance default/b'],
      keeps: ['muster.dev/in-use'],
      want: 'settled: Referenced: used by instance default/a, instance default/b, instance default/c and 1 more',
    },
    {
      name: 'stands while it is used',
      deleting: true,
      finalizers: ['muster.dev/in-use', 'x.io/other'],
      users: ['instance default/a'],
      keeps: ['muster.dev/in-use', 'x.io/other'],
      want: 'settled: DeletionBlocked: cannot be deleted while it is used by instance default/a',
    },
    {
      name: 'waits for members to clean up',
      deleting: true,
      finalizers: ['muster.dev/in-use'],
      holders: ['member a'],
      keeps: ['muster.dev/in-use'],
      want: 'settled: CleaningUp: being removed from member a',
    },
    {
      name: 'lets go when nobody is left, and only of its own finalizer',
      deleting: true,
      finalizers: ['muster.dev/in-use', 'x.io/other'],
      keeps: ['x.io/other'],
      want: 'settled False: Unused: nothing refers to it',
    },
    {
      name: 'puts nothing on an object that is on its way out',
      deleting: true,
      finalizers: [],
      keeps: [],
      want: 'settled False: Unused: nothing refers to it',
    },
  ];
  for (const { name, deleting = false, finalizers, users = [], holders = [], keeps, want } of cases) {
    it(name, async () => {
      const object = buildProfile('default', {
        ...(finalizers === undefined ? {} : { finalizers }),
        ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      });
      const deps = { listUsers: () => users, listHolders: () => holders };
      const outcome = await runStep(inUse, object, deps);
      await runStep(protection, object, deps);
      assert.deepEqual([outcome, object.metadata.finalizers ?? []], [want, keeps]);
    });
  }
});
