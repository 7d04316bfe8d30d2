import assert from 'node:assert/strict';
import { instanceCount } from '../../../../src/reconcilers/member/instance-count.ts';
import { buildMember, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/member/instance-count', () => {
  it('shows how many instances the member has, none included', async () => {
    const counts = new Map([['a', 3]]);
    const shown = ['a', 'b'].map(async (name) => {
      const draft = buildMember(name);
      await runStep(instanceCount, draft, { countInstances: (member) => counts.get(member) ?? 0 });
      return draft.status.instanceCount;
    });
    assert.deepEqual(await Promise.all(shown), [3, 0]);
  });
});
