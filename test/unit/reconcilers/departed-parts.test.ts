import assert from 'node:assert/strict';
import { departedParts } from '../../../src/reconcilers/departed-parts.ts';

const { signal } = new AbortController();
const deps = { hasMember: (name: string): boolean => name !== 'n2' };

describe('reconcilers/departed-parts', () => {
  it('drops the entries of members that have left, and no others', async () => {
    const draft = { status: { members: [{ name: 'n1' }, { name: 'n2' }, { name: 'n3' }] } };
    await departedParts.run(draft, deps, signal);
    assert.deepEqual(draft.status.members, [{ name: 'n1' }, { name: 'n3' }]);
  });

  it('changes nothing where everybody is there', async () => {
    const members = [{ name: 'n1' }];
    const draft = { status: { members } };
    await departedParts.run(draft, deps, signal);
    assert.equal(draft.status.members, members);
    const empty = { status: {} };
    await departedParts.run(empty, deps, signal);
    assert.deepEqual(empty, { status: {} });
  });
});
