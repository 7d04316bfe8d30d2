import assert from 'node:assert/strict';

import { judgeEdit, type EditableMember } from '../../../../../src/daemon/commands/cluster/member-edit.ts';

const member = (index: number, role: string): EditableMember => ({
  id: String(index),
  name: `n${index}`,
  address: `192.0.2.${index}:8443`,
  role,
});

describe('daemon/commands/cluster/member-edit', () => {
  const before = [member(1, 'voter'), member(2, 'voter'), member(3, 'stand-by'), member(4, 'spare')];
  const change = (index: number, to: Partial<EditableMember>) =>
    before.map((one, at) => (at === index ? { ...one, ...to } : one));

  const refusals = [
    { name: 'what is no list', members: 'n1', want: 'a list "members" is wanted' },
    { name: 'a missing entry', members: before.slice(1), want: 'Removing cluster members is not supported' },
    {
      name: 'another entry',
      members: [...before, member(5, 'spare')],
      want: 'Adding cluster members is not supported',
    },
    {
      name: 'another id',
      members: change(0, { id: '9' }),
      want: 'Changing cluster member ID is not supported',
    },
    {
      name: 'another name',
      members: change(0, { name: 'x' }),
      want: 'Changing cluster member name is not supported',
    },
    { name: 'an unknown role', members: change(0, { role: 'boss' }), want: 'unknown raft role: "boss"' },
    {
      name: 'a vote for a spare',
      members: change(3, { role: 'voter' }),
      want: 'A "spare" cluster member cannot become a "voter"',
    },
    {
      name: 'one voter among many',
      members: change(1, { role: 'spare' }),
      want: 'Number of "voter" must be 2 or more',
    },
    {
      name: 'no voter at all',
      members: before.map((one) => ({ ...one, role: 'spare' })),
      want: 'At least one member must be a "voter"',
    },
    {
      name: 'an address for two',
      members: change(1, { address: '192.0.2.1:8443' }),
      want: 'two members cannot have the address 192.0.2.1:8443',
    },
    {
      name: 'an unknown field',
      members: [{ ...before[0], x: 1 }],
      want: 'members[0] has the unknown field "x"',
    },
    { name: 'a missing field', members: [{ id: '1' }], want: 'members[0].name is missing, or no text' },
  ];
  for (const { name, members, want } of refusals) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(judgeEdit(before, { members }), { kind: 'refused', problem: want });
    });
  }

  it('sees no change', () => {
    assert.deepEqual(judgeEdit(before, { members: before }), { kind: 'unchanged' });
  });

  it('tells a change of addresses from one of roles', () => {
    const moved = change(3, { address: '198.51.100.4:8443' });
    assert.deepEqual(judgeEdit(before, { members: moved }), {
      ...{ kind: 'edited', members: moved, areRolesChanged: false },
    });
    const promoted = change(2, { role: 'voter' });
    assert.deepEqual(judgeEdit(before, { members: promoted }), {
      ...{ kind: 'edited', members: promoted, areRolesChanged: true },
    });
  });

  it('lets addresses be set right whatever the roles are', () => {
    const lonely = [member(1, 'voter'), member(2, 'spare'), member(3, 'spare')];
    const members = lonely.map((one) => ({ ...one, address: one.address.replace('8443', '9443') }));
    assert.equal(judgeEdit(lonely, { members }).kind, 'edited');
  });
});
