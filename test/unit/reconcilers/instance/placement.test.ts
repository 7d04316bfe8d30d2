import assert from 'node:assert/strict';
import type { Instance, InstancePlacement } from '../../../../src/api/generated/instance.ts';
import type { Member } from '../../../../src/api/generated/member.ts';
import type { PlacementGroup } from '../../../../src/api/generated/placement-group.ts';
import { placement, type PlacementDeps } from '../../../../src/reconcilers/instance/placement.ts';
import { buildInstance, buildMember, runStep } from '../../../support/build-objects.ts';

interface Case {
  readonly name: string;
  readonly to?: InstancePlacement;
  readonly architecture?: 'aarch64' | 'i686';
  readonly placed?: string;
  readonly members?: readonly Member[];
  readonly counts?: Record<string, number>;
  readonly groupCounts?: Record<string, number>;
  readonly rules?: PlacementGroup['spec'];
  readonly imageArchitecture?: string;
  readonly trouble?: Record<string, string>;
  /** Who is chosen between; empty when nobody is. */
  readonly from: readonly string[];
  readonly want: string;
}

const abc = ['a', 'b', 'c'].map((name) => buildMember(name));

function buildDeps(given: Case, asked: string[]): PlacementDeps {
  const { members = abc, counts = {}, groupCounts = {}, rules } = given;
  const group = { metadata: { name: 'g' }, spec: rules } as PlacementGroup;
  return {
    listMembers: () => members,
    getPlacementGroup: (name) => (name === 'g' && rules !== undefined ? group : undefined),
    countInstances: (scope) => new Map(Object.entries(scope === undefined ? counts : groupCounts)),
    imageArchitecture: () => given.imageArchitecture,
    deviceTrouble: (member) => given.trouble?.[member],
    pickOne(names) {
      asked.push(...names);
      return names.at(-1) ?? '';
    },
  };
}

describe('reconcilers/instance/placement', () => {
  const cases: readonly Case[] = [
    { name: 'leaves the choice between equals to chance', from: ['a', 'b', 'c'], want: 'on member c' },
    { name: 'takes the fewest instances', counts: { a: 2, b: 1, c: 3 }, from: ['b'], want: 'on member b' },
    { name: 'counts no instance as fewest', counts: { a: 1, c: 1 }, from: ['b'], want: 'on member b' },
    { name: 'never moves a placed instance', placed: 'z', members: [], from: [], want: 'on member z' },
    { name: 'goes to the member that is named', to: { member: 'a' }, from: ['a'], want: 'on member a' },
    {
      name: 'goes to a named member whatever its scheduling and architecture',
      to: { member: 'a', placementGroup: 'g' },
      architecture: 'aarch64',
      members: [buildMember('a', { spec: { scheduling: 'manual' } })],
      rules: { policy: 'spread', rigor: 'strict' },
      groupCounts: { a: 1 },
      from: ['a'],
      want: 'on member a',
    },
    {
      name: 'waits for a named member that is offline',
      to: { member: 'a' },
      members: [buildMember('a', { status: {} })],
      from: [],
      want: 'MemberUnavailable: member a is offline',
    },
    {
      name: 'waits for the pool of a named member',
      to: { member: 'a' },
      trouble: { a: 'has not created storage pool local' },
      from: [],
      want: 'MemberUnavailable: member a has not created storage pool local',
    },
    {
      name: 'says that the named member is not there',
      to: { member: 'z' },
      from: [],
      want: 'MemberNotFound: member "z" does not exist',
    },
    {
      name: 'passes over members without the pool',
      trouble: { a: 'has not created storage pool local', c: 'has not created network lan' },
      from: ['b'],
      want: 'on member b',
    },
    {
      name: 'stays within a cluster group',
      to: { clusterGroup: 'gpu' },
      members: [...abc, buildMember('d', { spec: { groups: ['gpu'] } })],
      counts: { d: 9 },
      from: ['d'],
      want: 'on member d',
    },
    {
      name: "follows the image's architecture",
      imageArchitecture: 'aarch64',
      members: [...abc, buildMember('d', { status: { ...abc[0]?.status, architecture: 'aarch64' } })],
      from: ['d'],
      want: 'on member d',
    },
    {
      name: "prefers the instance's own architecture to the image's",
      architecture: 'i686',
      imageArchitecture: 'aarch64',
      from: ['a', 'b', 'c'],
      want: 'on member c',
    },
    {
      name: 'says why each member is no candidate',
      members: [
        buildMember('a', { status: {} }),
        buildMember('b', { spec: { evacuated: true } }),
        buildMember('c', { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ],
      from: [],
      want: 'NoSuitableMember: no member is suitable: a is offline; b is evacuated; c is being removed',
    },
    {
      name: 'names five members at most',
      members: 'abcdefg'.split('').map((name) => buildMember(name, { status: {} })),
      from: [],
      want:
        'NoSuitableMember: no member is suitable: a is offline; b is offline; c is offline; d is offline; ' +
        'e is offline; and 2 more',
    },
    {
      name: 'says that there are no members',
      members: [],
      from: [],
      want: 'NoSuitableMember: the cluster has no members',
    },
    {
      name: 'asks the placement group before it counts',
      to: { placementGroup: 'g' },
      rules: { policy: 'spread', rigor: 'permissive' },
      groupCounts: { a: 1 },
      counts: { b: 9, c: 8 },
      from: ['c'],
      want: 'on member c',
    },
    {
      name: 'waits when the placement group has no room',
      to: { placementGroup: 'g' },
      rules: { policy: 'spread', rigor: 'strict' },
      groupCounts: { a: 1, b: 1, c: 1 },
      from: [],
      want:
        'PlacementGroupFull: placement group "g" (spread, strict): every eligible member has an instance ' +
        'of the group already',
    },
    {
      name: 'waits for a placement group that is not there',
      to: { placementGroup: 'g' },
      from: [],
      want: 'PlacementGroupFull: placement group "g" does not exist',
    },
  ];
  for (const given of cases) {
    it(given.name, async () => {
      const { to, architecture, placed, from, want } = given;
      const spec: Partial<Instance['spec']> = { placement: to, architecture };
      const draft = buildInstance('web', {
        spec,
        status: placed === undefined ? {} : { member: placed, epoch: 4 },
      });
      const asked: string[] = [];
      const outcome = await runStep(placement, draft, buildDeps(given, asked));
      const isPlaced = want.startsWith('on member ');
      const member = isPlaced ? want.slice('on member '.length) : undefined;
      assert.deepEqual(
        [outcome, asked, draft.status.member, draft.status.epoch],
        [
          isPlaced ? `settled: Placed: ${want}` : `blocked: ${want}`,
          from,
          member,
          isPlaced ? (placed === undefined ? 1 : 4) : undefined,
        ],
      );
    });
  }
});
