import assert from 'node:assert/strict';
import { joined } from '../../../../src/reconcilers/member/joined.ts';
import { buildMember, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/member/joined', () => {
  const secret = 'muster-system/join-token-a';
  const table: readonly {
    readonly name: string;
    readonly isIn: boolean | undefined;
    readonly id?: string;
    readonly want: string;
    readonly offered: readonly string[];
  }[] = [
    {
      name: 'says that a member is in',
      isIn: true,
      id: '7',
      want: 'settled: it belongs to the database',
      offered: [],
    },
    {
      name: 'offers a token for a Member that was applied',
      isIn: false,
      want: `waiting: WaitingForHost: no host has joined under this name yet; its token is in the Secret ${secret}`,
      offered: ['a'],
    },
    {
      name: 'offers nothing while the database has not answered',
      isIn: undefined,
      want: 'waiting: Unknown: the database has not been asked yet',
      offered: [],
    },
    {
      name: 'offers nothing for a member that has just left the list',
      isIn: false,
      id: '7',
      want: 'waiting: Unknown: the database has not been asked yet',
      offered: [],
    },
  ];
  for (const { name, isIn, id, want, offered } of table) {
    it(name, async () => {
      const seen: string[] = [];
      const member = buildMember('a', { status: id === undefined ? {} : { id } });
      const outcome = await runStep(joined, member, {
        isInDatabase: () => isIn,
        offerToken: (member: string) => {
          seen.push(member);
          return Promise.resolve(secret);
        },
      });
      assert.deepEqual([outcome, seen], [want, offered]);
    });
  }
});
