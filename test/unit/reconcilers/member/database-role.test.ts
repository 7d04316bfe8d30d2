import assert from 'node:assert/strict';
import { databaseRole, type DatabaseNodeView } from '../../../../src/reconcilers/member/database-role.ts';
import { buildMember, runStep } from '../../../support/build-objects.ts';

describe('reconcilers/member/database-role', () => {
  const cases: { name: string; node: DatabaseNodeView | undefined; roles: string[] | undefined }[] = [
    {
      name: 'shows the leader as nothing but the leader',
      node: { id: '1', role: 'voter', isLeader: true },
      roles: ['database-leader', 'ovn-chassis'],
    },
    {
      name: 'shows a voter',
      node: { id: '2', role: 'voter', isLeader: false },
      roles: ['database-voter', 'ovn-chassis'],
    },
    {
      name: 'shows a stand-by',
      node: { id: '3', role: 'stand-by', isLeader: false },
      roles: ['database-standby', 'ovn-chassis'],
    },
    {
      name: 'shows only given roles of a spare',
      node: { id: '4', role: 'spare', isLeader: false },
      roles: ['ovn-chassis'],
    },
    { name: 'leaves everything when nobody could say', node: undefined, roles: undefined },
  ];
  for (const { name, node, roles } of cases) {
    it(name, async () => {
      const member = buildMember('a', { spec: { roles: ['ovn-chassis'] } });
      await runStep(databaseRole, member, { nodeOf: () => node });
      assert.deepEqual(
        [member.status.roles, member.status.id, member.status.databaseRole],
        [roles, node?.id, node?.role],
      );
    });
  }
});
