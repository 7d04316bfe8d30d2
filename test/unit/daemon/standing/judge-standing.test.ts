import assert from 'node:assert/strict';

import type { TombstoneReason } from '../../../../src/consensus/membership/peer-entry.ts';
import { decideStart, isReleased, judgeStanding } from '../../../../src/daemon/standing/judge-standing.ts';
import type { Standing, StandingAnswer } from '../../../../src/daemon/standing/standing-protocol.ts';

const peer = (id: string, publicKeySha256: string) => ({
  ...{ id, publicKeySha256, name: 'n2', address: '192.0.2.2:8443', failureDomain: 0 },
});

describe('daemon/standing/judge-standing', () => {
  const cases: readonly {
    name: string;
    peers: readonly string[];
    tombstone?: readonly [string, TombstoneReason];
    want: Standing;
  }[] = [
    { name: 'knows a member by id and key', peers: ['7'], want: 'member' },
    { name: 'knows a member under a newer id', peers: ['8'], tombstone: ['k', 'replaced'], want: 'replaced' },
    { name: 'knows a removed member', peers: [], tombstone: ['k', 'removed'], want: 'removed' },
    {
      name: 'knows one that was replaced, then removed',
      peers: [],
      tombstone: ['k', 'replaced'],
      want: 'removed',
    },
    { name: 'knows one of before a restore', peers: [], tombstone: ['k', 'restored'], want: 'restored' },
    {
      name: 'says nothing to a key that is not that of the id',
      peers: [],
      tombstone: ['x', 'removed'],
      want: 'unknown',
    },
    { name: 'does not know a stranger', peers: [], want: 'unknown' },
  ];
  for (const { name, peers, tombstone, want } of cases) {
    it(name, () => {
      const standing = judgeStanding(
        { id: '7', publicKeySha256: 'k' },
        {
          findByPublicKey: (key) =>
            peers.map((id) => peer(id, 'k')).find((one) => one.publicKeySha256 === key),
          findTombstone: (id) =>
            tombstone === undefined || id !== '7'
              ? undefined
              : { ...peer('7', tombstone[0]), reason: tombstone[1] },
        },
      );
      assert.equal(standing, want);
    });
  }

  it('may make clean what left in order, and nothing else', () => {
    const tombstone = { ...peer('7', 'k'), reason: 'removed' } as const;
    const judge = (found: typeof tombstone & { readonly isReleased?: true }) =>
      isReleased('7', { findTombstone: () => found });
    assert.equal(judge({ ...tombstone, isReleased: true }), true);
    assert.equal(judge(tombstone), false);
    assert.equal(isReleased('7', { findTombstone: () => undefined }), false);
    const expelled = { ...answer('removed'), isReleased: true } as const;
    assert.deepEqual(decideStart([expelled], 1), {
      kind: 'stay down',
      because: 'member n1 says that this member was removed from the cluster',
      isReleased: true,
    });
    assert.equal('isReleased' in decideStart([answer('removed')], 1), false);
  });

  const answer = (standing: Standing, epoch = 1): StandingAnswer => ({
    ...{ clusterId: 'c', epoch, standing, member: 'n1' },
  });
  const decisions: readonly { name: string; answers: readonly StandingAnswer[]; want: string }[] = [
    { name: 'goes on when nobody answers', answers: [], want: 'go' },
    { name: 'goes on as a member', answers: [answer('member')], want: 'go' },
    { name: 'goes on when others are behind', answers: [answer('unknown')], want: 'go' },
    {
      name: 'stays down once anybody knows of its removal',
      answers: [answer('member'), answer('removed')],
      want: 'stay down',
    },
    {
      name: 'starts anew under its new id',
      answers: [answer('unknown'), answer('replaced')],
      want: 'start anew',
    },
    { name: 'stays down after a restore', answers: [answer('restored', 9)], want: 'stay down' },
    {
      name: 'stays down in a later epoch that does not know it',
      answers: [answer('unknown', 9)],
      want: 'stay down',
    },
    {
      name: 'joins a later epoch that knows it',
      answers: [answer('unknown', 9), answer('member', 9)],
      want: 'go',
    },
    { name: 'heeds nobody of an earlier epoch', answers: [answer('removed', 1)], want: 'go' },
  ];
  for (const { name, answers, want } of decisions) {
    it(name, () => {
      assert.equal(decideStart(answers, name.includes('earlier') ? 9 : 1).kind, want);
    });
  }
});
