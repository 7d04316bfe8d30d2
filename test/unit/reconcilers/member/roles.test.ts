import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  quorumOf,
  type DatabaseRole,
  type RoleHolder,
} from '../../../../src/reconcilers/member/role-view.ts';
import { nextRoleChange, type RoleChange } from '../../../../src/reconcilers/member/roles.ts';

const defaults = { maxVoters: 3, maxStandby: 2 };

/**
 * A member in a few letters: `V` voter, `S` stand-by, `-` spare; `*` leads, `!` offline, `e` evacuated, `?` passed over,
 * `l` leaving, `c` control-plane; a digit names its failure domain. The name is its position: a, b, c …
 */
function build(text: string): RoleHolder[] {
  const roles: Record<string, DatabaseRole> = { V: 'voter', S: 'stand-by' };
  return text.split(' ').map((word, index) => ({
    name: String.fromCharCode(97 + index),
    role: roles[word[0] ?? ''] ?? 'spare',
    isLeader: word.includes('*'),
    isOnline: !word.includes('!'),
    isEvacuated: word.includes('e'),
    isLeaving: word.includes('l'),
    isPassedOver: word.includes('?'),
    isControlPlane: word.includes('c'),
    failureDomain: /\d/.exec(word)?.[0] ?? 'default',
  }));
}

function describeChange(change: RoleChange): string {
  if (change.kind === 'none') return 'none';
  return change.kind === 'transfer' ? `leader ${change.to}` : `${change.member} ${change.role}`;
}

function apply(holders: readonly RoleHolder[], change: RoleChange): RoleHolder[] {
  return holders.map((holder) => {
    if (change.kind === 'transfer') return { ...holder, isLeader: holder.name === change.to };
    return change.kind === 'assign' && holder.name === change.member
      ? { ...holder, role: change.role }
      : holder;
  });
}

function settle(
  holders: readonly RoleHolder[],
  targets = defaults,
): { changes: string[]; end: RoleHolder[] } {
  const changes: string[] = [];
  let end = [...holders];
  for (;;) {
    const change = nextRoleChange(end, targets);
    if (change.kind === 'none') return { changes, end };
    changes.push(describeChange(change));
    assert(changes.length <= 6 * holders.length, `does not settle: ${changes.join(', ')}`);
    end = apply(end, change);
    assertQuorum(end);
  }
}

function assertQuorum(holders: readonly RoleHolder[]): void {
  const voters = holders.filter(({ role }) => role === 'voter');
  const online = voters.filter(({ isOnline, isLeader }) => isOnline || isLeader).length;
  assert(online >= quorumOf(voters.length), `${online} of ${voters.length} voters online`);
}

describe('reconcilers/member/roles', () => {
  const cases: { name: string; given: string; targets?: typeof defaults; want: string[] }[] = [
    { name: 'leaves a single member alone', given: 'V*', want: [] },
    { name: 'makes the second member a stand-by', given: 'V* -', want: ['b stand-by'] },
    {
      name: 'keeps the second a spare without stand-bys',
      given: 'V* -',
      targets: { maxVoters: 3, maxStandby: 0 },
      want: [],
    },
    { name: 'has three voters from the third member on', given: 'V* S -', want: ['b voter', 'c voter'] },
    { name: 'adds no second voter while the third member is away', given: 'V* S -!', want: [] },
    { name: 'then two stand-bys, then spares', given: 'V* V V - - -', want: ['d stand-by', 'e stand-by'] },
    {
      name: 'raises the voters to five',
      given: 'V* V V S S',
      targets: { maxVoters: 5, maxStandby: 2 },
      want: ['d voter', 'e voter'],
    },
    {
      name: 'keeps an odd number of voters',
      given: 'V* V V S',
      targets: { maxVoters: 5, maxStandby: 2 },
      want: [],
    },
    { name: 'goes back to one voter with two members', given: 'V* V', want: ['b stand-by'] },
    {
      name: 'replaces an offline voter before it is dropped',
      given: 'V* V V! S S',
      want: ['d voter', 'c spare'],
    },
    { name: 'keeps an offline voter that nobody can replace', given: 'V* V V!', want: [] },
    {
      name: 'shrinks the quorum when two of five voters are lost',
      given: 'V* V V V! V!',
      targets: { maxVoters: 5, maxStandby: 2 },
      want: ['d spare', 'e spare'],
    },
    { name: 'replaces an offline stand-by', given: 'V* V V S! S -', want: ['f stand-by', 'd spare'] },
    {
      name: 'prefers a candidate of a new failure domain',
      given: 'V*1 V2 V3! S1 S3',
      want: ['e voter', 'c spare'],
    },
    {
      name: 'spreads voters over failure domains',
      given: 'V*1 V1 V2 S2 S3',
      want: ['e voter', 'b stand-by'],
    },
    {
      name: 'replaces an evacuated voter first',
      given: 'V* Ve V S',
      want: ['d voter', 'b stand-by', 'b spare'],
    },
    {
      name: 'takes the vote of an evacuated member without replacement',
      given: 'V* Ve V',
      want: ['b stand-by', 'b spare'],
    },
    { name: 'keeps an evacuated voter that the quorum needs', given: 'V* Ve V!', want: [] },
    {
      name: 'moves leadership from an evacuated leader',
      given: 'V*e V V S',
      want: ['d voter', 'leader b', 'a stand-by', 'a spare'],
    },
    {
      name: 'promotes the second of two before the evacuated leader goes',
      given: 'V*e S',
      want: ['b voter', 'leader b', 'a stand-by', 'a spare'],
    },
    {
      name: 'moves the roles into the control plane',
      given: 'V* V V Sc Sc -c',
      want: [
        'd voter',
        'leader d',
        'a stand-by',
        'e voter',
        'b stand-by',
        'f voter',
        'c stand-by',
        'a spare',
        'b spare',
        'c spare',
      ],
    },
    {
      name: 'asks the next when a candidate was asked in vain',
      given: 'V* V V! S? -',
      want: ['e voter', 'c spare'],
    },
    { name: 'leaves a stand-by what it has when it could not become a voter', given: 'V* V V! S?', want: [] },
    {
      name: 'hands the vote of a member that stops to a stand-by, and swaps them',
      given: 'V* Vl V S S',
      want: ['d voter', 'b stand-by'],
    },
    {
      name: 'hands it to a spare where there are no stand-bys',
      given: 'V* Vl V -',
      targets: { maxVoters: 3, maxStandby: 0 },
      want: ['d voter', 'b spare'],
    },
    {
      name: 'hands it on within the failure domain',
      given: 'V*1 V2l V3 S1 S2',
      want: ['e voter', 'b stand-by'],
    },
    { name: 'leaves one of three that stops its vote', given: 'V* Vl V', want: [] },
    { name: 'leaves all their votes when all stop', given: 'V*l Vl Vl Sl Sl', want: [] },
    { name: 'takes no candidate that stops as well', given: 'V* Vl V Sl', want: [] },
    { name: 'changes nothing for a stand-by that stops', given: 'V* V V Sl S -', want: [] },
    { name: 'changes nothing when it is back', given: 'V* S V V S', want: [] },
    { name: 'finds a successor for a leader that stops', given: 'V*l V V S', want: ['d voter'] },
    {
      name: 'fills the place of that successor with nobody else',
      given: 'V*l V V S S -',
      want: ['d voter'],
    },
    { name: 'has the next leader take its vote', given: 'Vl V* V V', want: ['a stand-by'] },
    { name: 'gives the second of two the vote of the first', given: 'V*l S', want: ['b voter'] },
    { name: 'has the second vote alone then', given: 'Vl V*', want: ['a stand-by'] },
    {
      name: 'forgets one that does not come back, after the threshold',
      given: 'V* Sl! V V S -',
      want: ['f stand-by', 'b spare'],
    },
    { name: 'ignores a control plane of two', given: 'V* Vc Vc', want: [] },
    { name: 'never votes less for lack of control-plane members', given: 'V*c Vc V -c!', want: [] },
  ];
  for (const { name, given, targets, want } of cases) {
    it(name, () => {
      assert.deepEqual(settle(build(given), targets).changes, want);
    });
  }

  const holder = fc.record({
    role: fc.constantFrom<DatabaseRole>('voter', 'stand-by', 'spare', 'spare'),
    isOnline: fc.boolean().chain((rare) => (rare ? fc.boolean() : fc.constant(true))),
    isEvacuated: fc.nat(7).map((roll) => roll === 0),
    isLeaving: fc.constant(false),
    isPassedOver: fc.nat(7).map((roll) => roll === 0),
    isControlPlane: fc.nat(2).map((roll) => roll === 0),
    failureDomain: fc.constantFrom('default', 'east', 'west', 'north'),
  });
  const world = fc
    .array(holder, { minLength: 1, maxLength: 50 })
    .map((rows) => rows.map((row, index) => ({ ...row, name: `m${index}`, isLeader: false })))
    .map(withLeaderAndQuorum);
  const targets = fc.record({ maxVoters: fc.constantFrom(3, 5, 7), maxStandby: fc.nat(5) });

  it('settles with at most the wanted roles, a quorum at each step, whatever it starts from', () => {
    fc.assert(
      fc.property(world, targets, (holders, wanted) => {
        const { end } = settle(holders, wanted);
        const voters = end.filter(({ role, isOnline }) => role === 'voter' && isOnline);
        const standbys = end.filter(({ role }) => role === 'stand-by');
        assert(voters.length <= (end.length < 3 ? 1 : wanted.maxVoters));
        assert(standbys.length <= wanted.maxStandby);
        assert(standbys.every(({ isOnline, isEvacuated }) => isOnline && !isEvacuated));
      }),
    );
  });

  it('gives healthy members all wanted roles', () => {
    fc.assert(
      fc.property(world, targets, (holders, wanted) => {
        const healthy = holders.map((one) => ({
          ...one,
          isOnline: true,
          isEvacuated: false,
          isPassedOver: false,
          isControlPlane: false,
        }));
        const { end } = settle(healthy, wanted);
        const count = (role: DatabaseRole): number => end.filter((one) => one.role === role).length;
        const most = Math.min(end.length, wanted.maxVoters);
        const voters = end.length < 3 ? 1 : most - ((most + 1) % 2);
        assert.deepEqual(
          [count('voter'), count('stand-by')],
          [voters, Math.min(end.length - voters, wanted.maxStandby)],
        );
        const domains = new Set(end.map(({ failureDomain }) => failureDomain)).size;
        const covered = new Set(end.filter(({ role }) => role === 'voter').map((one) => one.failureDomain))
          .size;
        assert.equal(covered, Math.min(domains, voters));
      }),
    );
  });

  it('never counts fewer voters that stay for one that stops', () => {
    const someLeave = fc.tuple(world, fc.array(fc.boolean(), { minLength: 50, maxLength: 50 }));
    fc.assert(
      fc.property(someLeave, targets, ([holders, leaves], wanted) => {
        const staying = (all: readonly RoleHolder[]): number =>
          all.filter((one) => one.role === 'voter' && one.isOnline && !one.isLeaving).length;
        const before = settle(holders, wanted).end;
        const told = before.map((one, index) => ({ ...one, isLeaving: leaves[index] ?? false }));
        const { end } = settle(told, wanted);
        assert(staying(end) >= staying(told));
        // Whoever is gone then is not missed, unless there was nobody to take its vote.
        const isReplaced = staying(end) >= staying(before);
        if (isReplaced)
          assertQuorum(end.map((one) => ({ ...one, isOnline: one.isOnline && !one.isLeaving })));
      }),
    );
  });

  it('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(world, targets, (holders, wanted) => {
        assert.deepEqual(nextRoleChange(holders.toReversed(), wanted), nextRoleChange(holders, wanted));
      }),
    );
  });
});

/** Nothing can be decided without a leader and a majority: the worlds that can be. */
function withLeaderAndQuorum(holders: RoleHolder[]): RoleHolder[] {
  const led = holders.map((holder, index): RoleHolder =>
    index === 0 ? { ...holder, role: 'voter', isLeader: true, isOnline: true } : holder,
  );
  const voters = led.filter(({ role }) => role === 'voter').length;
  const online = led.filter(({ role, isOnline }) => role === 'voter' && isOnline).length;
  if (online >= quorumOf(voters)) return led;
  return led.map((holder) => (holder.role === 'voter' ? { ...holder, isOnline: true } : holder));
}
