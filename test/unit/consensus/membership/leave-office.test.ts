import assert from 'node:assert/strict';
import { silentLogger } from '../../../../src/base/logger.ts';
import { Departures } from '../../../../src/consensus/membership/departures.ts';
import { LeaveOffice } from '../../../../src/consensus/membership/leave-office.ts';
import type { DatabaseRole, Membership, Peer } from '../../../../src/consensus/membership/membership.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const peerOf = (id: string): Peer => ({
  ...{ id, name: `n${id}`, address: `n${id}:8443`, publicKeySha256: id, failureDomain: 0 },
});

/** n1, with a vote, is about to stop; n2 is a stand-by. What is asked of others goes into `steps`. */
function start({ isLeading, candidateTakesMs }: { isLeading: boolean; candidateTakesMs: number }) {
  const clock = new FakeClock();
  const departures = new Departures(clock);
  const steps: string[] = [];
  const state = { leader: isLeading ? 'n1' : 'n2', roles: { n1: 'voter', n2: 'stand-by' } };
  if (!isLeading) state.roles.n2 = 'voter';
  const peers = [peerOf('1'), peerOf('2')];
  const membership = {
    departures,
    peers: { list: () => peers },
    lastHeard: () => new Map([['n2', 100]]),
    listNodes: () =>
      Promise.resolve(
        peers.map(({ id, name }) => ({
          ...{ id, name, isLeader: name === state.leader },
          role: state.roles[name as 'n1' | 'n2'] as DatabaseRole,
        })),
      ),
    transferLeadership: (to: string) => {
      steps.push(`lead ${to}`);
      state.leader = to;
      return Promise.resolve();
    },
  };
  departures.subscribe(() => {
    clock.after(candidateTakesMs, () => {
      state.roles.n2 = 'voter';
      departures.release(new Set(['n1']));
    });
  });
  const office = new LeaveOffice({
    ...{ self: peerOf('1'), membership: membership as unknown as Membership, clock, logger: silentLogger },
    isLeading: () => state.leader === 'n1',
    followers: () => ['n2'],
    announce: (limitMs) => departures.announce('n1', limitMs),
    tellLeader: (isElecting) => {
      steps.push(`tell ${state.leader}${isElecting ? ', which is being elected' : ''}`);
      return Promise.resolve(true);
    },
  });
  return { office, clock, steps };
}

describe('consensus/leave-office', () => {
  for (const [what, given, want] of [
    [
      'waits for a slow candidate to take the vote before it hands over and goes',
      { isLeading: true, candidateTakesMs: 5_000 },
      ['lead n2', 'tell n2, which is being elected'],
    ],
    ['goes with its vote when no candidate takes it', { isLeading: true, candidateTakesMs: 60_000 }, []],
    ['tells the leader when another leads', { isLeading: false, candidateTakesMs: 0 }, ['tell n2']],
  ] as const) {
    it(what, async () => {
      const { office, clock, steps } = start(given);
      const left = office.leave();
      for (let passedMs = 0; passedMs < 15_000; passedMs += 500) await clock.advance(500);
      await left;
      assert.deepEqual(steps, want);
    });
  }
});
