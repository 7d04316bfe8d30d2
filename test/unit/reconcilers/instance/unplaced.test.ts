import assert from 'node:assert/strict';
import { summarizeUnplaced } from '../../../../src/reconcilers/instance/unplaced.ts';
import type { Saying } from '../../../../src/reconcilers/step.ts';
import { buildInstance } from '../../../support/build-objects.ts';

describe('reconcilers/instance/unplaced', () => {
  const trouble: Saying = { status: 'Unknown', reason: 'ImageNotFound', message: 'no image' };
  const cases: { name: string; before?: string; after?: string; unsettled?: Saying; want?: Saying }[] = [
    {
      name: 'repeats what keeps it from being placed',
      unsettled: trouble,
      want: { ...trouble, status: 'False' },
    },
    {
      name: 'says who has it when it has just been placed',
      after: 'a',
      want: { status: 'False', reason: 'Placed', message: 'member a has it now' },
    },
    { name: 'leaves a placed instance to its member', before: 'a', after: 'a', unsettled: trouble },
  ];
  for (const { name, before, after, unsettled, want } of cases) {
    it(name, () => {
      const on = (member: string | undefined) => buildInstance('web', { status: { member } });
      assert.deepEqual(summarizeUnplaced(on(before), on(after), unsettled), want);
    });
  }
});
