import assert from 'node:assert/strict';
import type { PlacementGroup } from '../../../../src/api/generated/placement-group.ts';
import type { Draft } from '../../../../src/reconcilers/draft.ts';
import { usage } from '../../../../src/reconcilers/placementgroup/usage.ts';
import { buildInstance, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/placementgroup/usage', () => {
  it('shows the instances by name and how they are spread', async () => {
    const group: Draft<PlacementGroup> = {
      apiVersion: 'muster.dev/v1alpha1',
      kind: 'PlacementGroup',
      metadata: { name: 'db', namespace: 'default' },
      spec: { policy: 'spread', rigor: 'strict' },
      status: {},
    };
    const placed = (name: string, member?: string): ReturnType<typeof buildInstance> =>
      buildInstance(name, { status: { member } });
    const listInstances = (): ReturnType<typeof buildInstance>[] => [
      placed('y', 'b'),
      placed('z'),
      placed('x', 'a'),
      placed('w', 'b'),
    ];
    await runStep(usage, group, { listInstances });
    assert.deepEqual(group.status, {
      usedBy: ['w', 'x', 'y', 'z'],
      memberCounts: [
        { member: 'a', count: 1 },
        { member: 'b', count: 2 },
      ],
    });
  });
});
