import assert from 'node:assert/strict';
import { usage } from '../../../../src/reconcilers/profile/usage.ts';
import { buildProfile, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/profile/usage', () => {
  it('shows how many instances build on the profile', async () => {
    const draft = buildProfile('web', { status: { usedByCount: 7 } });
    await runStep(usage, draft, { countInstances: ({ metadata }) => (metadata.name === 'web' ? 2 : 0) });
    assert.equal(draft.status.usedByCount, 2);
  });
});
