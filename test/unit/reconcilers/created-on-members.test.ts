import assert from 'node:assert/strict';
import { createdOnMembers, type MemberPart } from '../../../src/reconcilers/created-on-members.ts';
import { describeOutcome } from '../../support/build-objects.ts';

const part = (name: string, state: string, message?: string): MemberPart => ({ name, state, message });

describe('reconcilers/created-on-members', () => {
  const cases: { name: string; parts: MemberPart[]; online: string[]; want: string }[] = [
    {
      name: 'is there when every member has it',
      parts: [part('a', 'Created'), part('b', 'Created')],
      online: ['a', 'b'],
      want: 'settled: created on 2 members',
    },
    {
      name: 'does not wait for members that are offline',
      parts: [part('a', 'Created'), part('b', 'Errored')],
      online: ['a'],
      want: 'settled: created on 1 member',
    },
    {
      name: 'waits for members that have not said anything',
      parts: [part('a', 'Created'), part('b', 'Pending')],
      online: ['a', 'b', 'c'],
      want: 'blocked: Creating: waiting for b, c',
    },
    {
      name: 'tells the first trouble',
      parts: [part('a', 'Created'), part('b', 'Errored', 'no space left')],
      online: ['a', 'b', 'c'],
      want: 'blocked: MemberErrored: b: no space left',
    },
    { name: 'needs a member', parts: [], online: [], want: 'blocked: NoMembers: no member is online' },
  ];
  for (const { name, parts, online, want } of cases) {
    it(name, () => {
      assert.equal(describeOutcome(createdOnMembers(parts, online)), want);
    });
  }
});
