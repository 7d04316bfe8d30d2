import assert from 'node:assert/strict';
import type { Cluster } from '../../../../src/api/generated/cluster.ts';
import { membership, type NodeView } from '../../../../src/reconcilers/cluster/membership.ts';
import type { Draft } from '../../../../src/reconcilers/draft.ts';
import { runStep } from '../../../support/build-objects.ts';

function buildCluster(): Draft<Cluster> {
  const status = { leader: 'z', voterCount: 9 };
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'cluster' },
    spec: {},
    status,
  };
}

describe('reconcilers/cluster/membership', () => {
  const nodes: NodeView[] = [
    { name: 'a', isVoter: true, isLeader: false },
    { name: 'b', isVoter: true, isLeader: true },
    { name: 'c', isVoter: false, isLeader: false },
  ];
  const cases = [
    { name: 'shows who leads and who votes', nodes, want: { leader: 'b', memberCount: 4, voterCount: 2 } },
    {
      name: 'keeps what it knew while nobody could say',
      nodes: undefined,
      want: { leader: 'z', memberCount: 4, voterCount: 9 },
    },
  ];
  for (const { name, nodes: known, want } of cases) {
    it(name, async () => {
      const cluster = buildCluster();
      await runStep(membership, cluster, { memberCount: () => 4, nodes: () => known });
      assert.deepEqual(cluster.status, want);
    });
  }
});
