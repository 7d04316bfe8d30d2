import assert from 'node:assert/strict';
import { finalizer, held } from '../../../../src/reconcilers/instance/finalizer.ts';
import { buildInstance, runStep } from '../../../support/build-objects.ts';

const ours = 'muster.dev/instance';
const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('reconcilers/instance/finalizer', () => {
  const cases: {
    name: string;
    deleting?: boolean;
    on?: string;
    unresolvable?: boolean;
    given?: string[];
    want: string[] | undefined;
  }[] = [
    { name: 'is put before anything else happens', want: [ours] },
    { name: 'waits for what the instance refers to', unresolvable: true, want: undefined },
    { name: 'is put on what has a member all the same', unresolvable: true, on: 'a', want: [ours] },
    { name: 'stays beside those of others', given: ['x/y', ours], want: ['x/y', ours] },
    {
      name: 'goes when no member ever had the instance',
      deleting: true,
      given: ['x/y', ours],
      want: ['x/y'],
    },
    {
      name: 'goes when the member has left the cluster',
      deleting: true,
      on: 'gone',
      given: [ours],
      want: [],
    },
    {
      name: 'is left to the member that has the instance',
      deleting: true,
      on: 'a',
      given: [ours],
      want: [ours],
    },
    { name: 'is not put on what is being deleted', deleting: true, want: undefined },
  ];
  for (const { name, deleting = false, unresolvable = false, on, given, want } of cases) {
    it(name, async () => {
      const draft = buildInstance('web', {
        ...(deleting ? { deletionTimestamp } : {}),
        ...(given === undefined ? {} : { finalizers: given }),
        status: on === undefined ? {} : { member: on },
      });
      await runStep(finalizer, draft, {
        hasMember: (member) => member === 'a',
        isResolvable: () => !unresolvable,
      });
      assert.deepEqual(draft.metadata.finalizers, want);
    });
  }

  it('is there before a member is chosen', async () => {
    assert.equal(
      await runStep(held, buildInstance('web'), undefined),
      'waiting: NotHeldYet: waiting for its finalizer',
    );
    assert.equal(await runStep(held, buildInstance('web', { finalizers: [ours] }), undefined), 'settled');
    assert.equal(
      await runStep(held, buildInstance('web', { status: { member: 'a' } }), undefined),
      'settled',
    );
  });
});
