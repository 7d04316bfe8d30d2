import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isApiError } from '../../../../src/api/api-error.ts';
import { anonymousUser } from '../../../../src/apiserver/authn/user.ts';
import { createFlowControl, flowLimits, levelOf } from '../../../../src/apiserver/flow/flow-control.ts';
import { parseRequestInfo } from '../../../../src/apiserver/http/request-info.ts';

const user = (name: string, ...groups: string[]) => ({ name, groups });
const ask = (path: string) => parseRequestInfo('GET', new URL(`https://localhost${path}`)) ?? assert.fail();
const configMaps = ask('/api/v1/configmaps');
const lease = ask('/apis/coordination.k8s.io/v1/namespaces/a/leases/b');

function isRejected(attempt: () => unknown): boolean {
  try {
    attempt();
    return false;
  } catch (error) {
    assert.ok(isApiError(error, 'TooManyRequests'));
    assert.equal(error.status.details?.retryAfterSeconds, 1);
    return true;
  }
}

describe('apiserver/flow/flow-control', () => {
  const levels = [
    { who: user('system:member:a', 'system:members'), info: configMaps, want: 'cluster' },
    { who: user('system:controller:a', 'system:controllers'), info: lease, want: 'cluster' },
    { who: user('admin', 'system:masters'), info: configMaps, want: 'administrators' },
    { who: user('admin', 'system:masters'), info: lease, want: 'leases' },
    { who: user('bob'), info: lease, want: 'leases' },
    { who: anonymousUser, info: lease, want: 'users' },
    { who: user('bob'), info: configMaps, want: 'users' },
    { who: user('bob'), info: ask('/version'), want: 'users' },
  ];
  for (const { who, info, want } of levels) {
    it(`puts ${who.name} who asks for ${info.path} into ${want}`, () => {
      assert.equal(levelOf(who, info), want);
    });
  }

  it('lets a single user have half of the room, and another one half of the rest', () => {
    const flow = createFlowControl();
    const fill = (name: string): number => {
      let count = 0;
      while (!isRejected(() => flow.enter(user(name), configMaps, false))) count += 1;
      return count;
    };
    const room = flowLimits.users.requests;
    assert.equal(fill('a'), room / 2);
    assert.equal(fill('b'), room / 4);
    assert.equal(
      isRejected(() => flow.enter(user('m', 'system:members'), configMaps, false)),
      false,
    );
    assert.equal(
      isRejected(() => flow.enter(user('a'), lease, false)),
      false,
    );
    assert.deepEqual(flow.usage().at(-1), { level: 'users', inFlight: 300, streams: 0, rejected: 2 });
  });

  it('bounds the watches of each user, and counts them apart', () => {
    const flow = createFlowControl();
    const open = (name: string) => flow.enter(user(name), configMaps, true);
    for (let count = 0; count < flowLimits.users.streamsPerUser; count += 1) open('a');
    assert.equal(
      isRejected(() => open('a')),
      true,
    );
    const close = open('b');
    close();
    close();
    assert.equal(
      isRejected(() => flow.enter(user('a'), configMaps, false)),
      false,
    );
  });

  it('never gives out more than there is, and all of it comes back', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), isEnd: fc.boolean() });
    const limits = { ...flowLimits, users: { requests: 12, streamsPerUser: 5, isShared: true } };
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const flow = createFlowControl(limits);
        const open: (() => void)[] = [];
        for (const { name, isEnd } of steps) {
          if (isEnd) open.shift()?.();
          else isRejected(() => open.push(flow.enter(user(name), configMaps, false)));
          assert.equal(flow.usage().at(-1)?.inFlight, open.length);
          assert.ok(open.length <= 12);
        }
        for (const leave of open) leave();
        assert.equal(flow.usage().at(-1)?.inFlight, 0);
      }),
    );
  });
});
