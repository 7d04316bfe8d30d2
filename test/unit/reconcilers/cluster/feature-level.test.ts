import assert from 'node:assert/strict';
import type { Cluster } from '../../../../src/api/generated/cluster.ts';
import { musterApiVersion } from '../../../../src/api/meta.ts';
import type { Draft } from '../../../../src/reconcilers/draft.ts';
import { featureLevelStep } from '../../../../src/reconcilers/cluster/feature-level.ts';
import { buildCondition, buildMember } from '../../../support/build-objects.ts';

/** The newest level of each member; undefined: it has not said. A trailing "offline" is one that is away. */
const table: readonly {
  readonly name: string;
  readonly before?: number;
  readonly levels: readonly (number | undefined)[];
  readonly offline?: readonly number[];
  readonly want: number | undefined;
}[] = [
  { name: 'starts at the level of the first member', levels: [3], want: 3 },
  { name: 'stays while one member is older', before: 1, levels: [2, 1, 2], want: 1 },
  { name: 'rises with the last member', before: 1, levels: [2, 2, 2], want: 2 },
  { name: 'rises as far as the oldest can follow', before: 1, levels: [2, 3, 4], want: 2 },
  { name: 'never falls', before: 3, levels: [2, 3], want: 3 },
  { name: 'waits for a member that has not said what it can do', before: 1, levels: [2, undefined], want: 1 },
  { name: 'does not wait for a member that is away', before: 1, levels: [2, 2], offline: [1], want: 2 },
  { name: 'says nothing before anybody has', levels: [undefined], want: undefined },
];

describe('reconcilers/cluster/feature-level', () => {
  for (const { name, before, levels, offline = [], want } of table) {
    it(name, async () => {
      const build = (level: number | undefined, status: 'False' | 'True') =>
        buildMember('n', {
          status: {
            conditions: [buildCondition('Online', { status })],
            ...(level === undefined ? {} : { featureLevels: { newest: level, oldest: 1 } }),
          },
        });
      const members = [
        ...levels.map((level) => build(level, 'True')),
        ...offline.map((level) => build(level, 'False')),
      ];
      const cluster: Draft<Cluster> = {
        ...{ apiVersion: musterApiVersion, kind: 'Cluster', metadata: { name: 'cluster' } },
        status: before === undefined ? {} : { featureLevel: before },
      };
      await featureLevelStep.run(cluster, { listMembers: () => members }, new AbortController().signal);
      assert.equal(cluster.status.featureLevel, want);
    });
  }
});
