import assert from 'node:assert/strict';
import type { Image } from '../../../../src/api/generated/image.ts';
import { replicas } from '../../../../src/reconcilers/image/replicas.ts';
import { buildImage, runStep } from '../../../support/build-objects.ts';

const all = ['a', 'b', 'c', 'd', 'e'];
const ready = (...names: string[]): NonNullable<Image['status']>['members'] =>
  names.map((name) => ({ name, state: 'Ready' as const }));

interface Case {
  readonly name: string;
  readonly online?: readonly string[];
  readonly members?: readonly string[];
  readonly using?: readonly string[];
  readonly minimum?: number;
  readonly copies: readonly string[];
  readonly wanted?: string[];
  readonly want: { readonly has: string[]; readonly count: number; readonly outcome: string };
}

describe('reconcilers/image/replicas', () => {
  const cases: Case[] = [
    {
      name: 'begins with the member that imports it',
      copies: [],
      minimum: 1,
      want: {
        has: ['a'],
        count: 1,
        outcome: 'blocked: Replicating: 0 of 1 members have it; on its way to a',
      },
    },
    {
      name: 'is content with as many copies as wanted',
      copies: ['a', 'c', 'e'],
      want: { has: ['a', 'c', 'e'], count: 3, outcome: 'settled: 3 of 3 members have it' },
    },
    {
      name: 'wants a copy everywhere for -1',
      minimum: -1,
      copies: all,
      want: { has: all, count: 5, outcome: 'settled: 5 of 5 members have it' },
    },
    {
      name: 'never takes a copy away',
      minimum: 1,
      copies: all,
      wanted: all,
      want: { has: all, count: 5, outcome: 'settled: 5 of 1 members have it' },
    },
    {
      name: 'is content with fewer members than copies wanted',
      online: ['a', 'b'],
      members: ['a', 'b'],
      copies: ['a', 'b'],
      want: { has: ['a', 'b'], count: 2, outcome: 'settled: 2 of 2 members have it' },
    },
    {
      name: 'lets another member step in for one that is offline',
      online: ['a', 'c', 'd', 'e'],
      copies: ['a', 'b', 'c'],
      wanted: ['a', 'b', 'c'],
      want: {
        has: ['a', 'b', 'c'],
        count: 4,
        outcome: 'blocked: Replicating: 2 of 3 members have it; on its way to ',
      },
    },
    {
      name: 'brings the image to where instances need it',
      copies: ['a', 'b', 'c'],
      using: ['e'],
      want: { has: ['a', 'b', 'c', 'e'], count: 4, outcome: 'settled: 3 of 3 members have it' },
    },
    {
      name: 'forgets members that left the cluster',
      members: ['a', 'b', 'c'],
      online: ['a', 'b', 'c'],
      copies: ['a', 'b', 'c'],
      wanted: ['a', 'z'],
      want: { has: ['a', 'b', 'c'], count: 3, outcome: 'settled: 3 of 3 members have it' },
    },
  ];
  for (const { name, online = all, members = all, using = [], minimum = 3, copies, wanted, want } of cases) {
    it(name, async () => {
      const image = buildImage('busybox', { status: { members: ready(...copies), wantedMembers: wanted } });
      const outcome = await runStep(replicas, image, {
        listOnlineMembers: () => online,
        hasMember: (member) => members.includes(member),
        listUsingMembers: () => using,
        minimalReplica: () => minimum,
      });
      const got = image.status.wantedMembers ?? [];
      assert.deepEqual(
        [want.has.filter((member) => !got.includes(member)), got.length],
        [[], want.count],
        `wanted on ${got.join(', ')}`,
      );
      assert(outcome.startsWith(want.outcome), outcome);
    });
  }

  it('chooses the same members again, and others for another image', async () => {
    const deps = {
      listOnlineMembers: () => all,
      hasMember: () => true,
      listUsingMembers: () => [],
      minimalReplica: () => 2,
    };
    const choose = async (uid: string): Promise<string> => {
      const image = buildImage('busybox', { uid, status: { members: ready('a') } });
      await runStep(replicas, image, deps);
      return image.status.wantedMembers?.join(' ') ?? '';
    };
    assert.equal(await choose('one'), await choose('one'));
    const choices = await Promise.all(Array.from({ length: 20 }, (_, index) => choose(`image ${index}`)));
    assert.equal(new Set(choices).size, 4);
  });
});
