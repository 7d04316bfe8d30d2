import assert from 'node:assert/strict';
import { filterByGroup, type GroupRules } from '../../../../src/reconcilers/instance/filter-by-group.ts';

describe('reconcilers/instance/filter-by-group', () => {
  const cases: {
    name: string;
    group: `${GroupRules['policy']} ${GroupRules['rigor']}`;
    candidates: string[];
    counts?: Record<string, number>;
    want: string[];
    message?: string;
  }[] = [
    {
      name: 'takes members without one',
      group: 'spread strict',
      candidates: ['a', 'b', 'c'],
      counts: { a: 1 },
      want: ['b', 'c'],
    },
    {
      name: 'refuses a second on a member',
      group: 'spread strict',
      candidates: ['a', 'b'],
      counts: { a: 1, b: 2, c: 0 },
      want: [],
      message: 'every eligible member has an instance of the group already',
    },
    {
      name: 'takes the members with the fewest',
      group: 'spread permissive',
      candidates: ['a', 'b', 'c'],
      counts: { a: 2, b: 1, c: 1 },
      want: ['b', 'c'],
    },
    {
      name: 'ignores counts elsewhere',
      group: 'spread permissive',
      candidates: ['a'],
      counts: { a: 5, z: 1 },
      want: ['a'],
    },
    {
      name: 'lets the first go anywhere',
      group: 'compact strict',
      candidates: ['a', 'b'],
      counts: { a: 0 },
      want: ['a', 'b'],
    },
    {
      name: 'stays with the most',
      group: 'compact strict',
      candidates: ['a', 'b'],
      counts: { a: 1, b: 2 },
      want: ['b'],
    },
    {
      name: 'waits for the member of the others',
      group: 'compact strict',
      candidates: ['a'],
      counts: { z: 2, a: 1 },
      want: [],
      message: "member z, which has the group's instances, cannot take more now",
    },
    {
      name: 'goes elsewhere when that is not possible',
      group: 'compact permissive',
      candidates: ['a', 'b'],
      counts: { z: 2, a: 1 },
      want: ['a', 'b'],
    },
    {
      name: 'breaks ties by name',
      group: 'compact permissive',
      candidates: ['a', 'b'],
      counts: { b: 1, a: 1 },
      want: ['a'],
    },
  ];
  for (const { name, group, candidates, counts = {}, want, message } of cases) {
    it(`${group}: ${name}`, () => {
      const [policy, rigor] = group.split(' ') as [GroupRules['policy'], GroupRules['rigor']];
      assert.deepEqual(filterByGroup({ policy, rigor }, candidates, new Map(Object.entries(counts))), {
        members: want,
        ...(message === undefined ? {} : { message }),
      });
    });
  }
});
