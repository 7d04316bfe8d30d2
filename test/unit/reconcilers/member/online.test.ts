import assert from 'node:assert/strict';
import type { Member } from '../../../../src/api/generated/member.ts';
import type { Draft } from '../../../../src/reconcilers/draft.ts';
import { online, type Silence } from '../../../../src/reconcilers/member/online.ts';
import { buildCondition, buildMember, runStep } from '../../../support/build-objects.ts';

const offline = (): Draft<Member> =>
  buildMember('a', {
    status: {
      state: 'Offline',
      conditions: [buildCondition('Online', { status: 'False', message: 'No heartbeat' })],
    },
  });
const onlineBefore = (): Draft<Member> =>
  buildMember('a', { status: { state: 'Online', conditions: [buildCondition('Online')] } });
const nowMs = Date.parse('2026-01-01T12:00:00Z');
const heard = (ms: number): Silence => ({ ms, isHeard: true });
const unheard = (ms: number): Silence => ({ ms, isHeard: false });

describe('reconcilers/member/online', () => {
  const cases: {
    name: string;
    member: Draft<Member>;
    silence: Silence;
    want: string;
    state: Member['status'];
  }[] = [
    {
      name: 'sees a member that was heard in time',
      member: offline(),
      silence: heard(19_999),
      want: 'settled: HeartbeatReceived: Fully operational',
      state: { state: 'Online', message: 'Fully operational', since: '2026-01-01T12:00:00Z' },
    },
    {
      name: 'misses one after the threshold, since its last heartbeat',
      member: onlineBefore(),
      silence: heard(20_000),
      want: 'settled False: NoHeartbeat: No heartbeat since 2026-01-01T11:59:40Z',
      state: {
        state: 'Offline',
        message: 'No heartbeat since 2026-01-01T11:59:40Z',
        since: '2026-01-01T11:59:40Z',
      },
    },
    {
      name: 'repeats what it said first while the silence goes on',
      member: offline(),
      silence: heard(500_000),
      want: 'settled False: NoHeartbeat: No heartbeat',
      state: { state: 'Offline' },
    },
    {
      name: 'believes the leader before it until the threshold has passed',
      member: onlineBefore(),
      silence: unheard(10_000),
      want: 'settled: HeartbeatReceived: Fully operational',
      state: { state: 'Online' },
    },
    {
      name: 'believes the leader before it about those offline too',
      member: offline(),
      silence: unheard(100),
      want: 'settled False: NoHeartbeat: No heartbeat',
      state: { state: 'Offline' },
    },
    {
      name: 'waits for a new member',
      member: buildMember('a', { status: {} }),
      silence: unheard(100),
      want: 'settled False: NoHeartbeat: No heartbeat yet',
      state: { state: 'Offline', message: 'No heartbeat yet', since: '2026-01-01T12:00:00Z' },
    },
    {
      name: 'blocks a member that is older than the others, and says what to do',
      member: buildMember('a', { status: { featureLevels: { newest: 1, oldest: 1 } } }),
      silence: heard(1_000),
      want: 'settled: HeartbeatReceived: Fully operational',
      state: {
        state: 'Blocked',
        message: "is older than the other members (feature level 1, the cluster's is 2): upgrade it",
        since: '2026-01-01T12:00:00Z',
        featureLevels: { newest: 1, oldest: 1 },
      },
    },
    {
      name: 'blocks a member that is too new for the others',
      member: buildMember('a', { status: { featureLevels: { newest: 4, oldest: 3 } } }),
      silence: heard(1_000),
      want: 'settled: HeartbeatReceived: Fully operational',
      state: {
        state: 'Blocked',
        message:
          "is newer than the other members can work with (it needs feature level 3, the cluster's is 2): upgrade the others first, one release at a time",
        since: '2026-01-01T12:00:00Z',
        featureLevels: { newest: 4, oldest: 3 },
      },
    },
    {
      name: 'lets a newer member that can work with the others do so',
      member: buildMember('a', { status: { featureLevels: { newest: 3, oldest: 2 } } }),
      silence: heard(1_000),
      want: 'settled: HeartbeatReceived: Fully operational',
      state: {
        state: 'Online',
        message: 'Fully operational',
        since: '2026-01-01T12:00:00Z',
        featureLevels: { newest: 3, oldest: 2 },
      },
    },
    {
      name: 'shows an evacuation above everything',
      member: buildMember('a', { spec: { evacuated: true }, status: {} }),
      silence: heard(60_000),
      want: 'settled False: NoHeartbeat: No heartbeat since 2026-01-01T11:59:00Z',
      state: { state: 'Evacuated', message: 'Unavailable due to maintenance', since: '2026-01-01T12:00:00Z' },
    },
  ];
  for (const { name, member, silence, want, state } of cases) {
    it(name, async () => {
      const deps = {
        nowMs: () => nowMs,
        offlineThresholdMs: () => 20_000,
        silenceOf: () => silence,
        clusterLevel: () => 2,
      };
      const outcome = await runStep(online, member, deps);
      const { conditions: _conditions, ...rest } = member.status;
      assert.deepEqual([outcome, rest], [want, state]);
    });
  }
});
