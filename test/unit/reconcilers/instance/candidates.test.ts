import assert from 'node:assert/strict';
import type { MemberSpec } from '../../../../src/api/generated/member.ts';
import { unfitness, type Need } from '../../../../src/reconcilers/instance/candidates.ts';
import { buildCondition, buildMember } from '../../../support/build-objects.ts';

const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('reconcilers/instance/candidates', () => {
  const cases: {
    name: string;
    spec?: Partial<MemberSpec>;
    offline?: boolean;
    deleting?: boolean;
    host?: string;
    need?: Partial<Need>;
    want?: string;
  }[] = [
    { name: 'takes an online member' },
    { name: 'passes over an offline member', offline: true, want: 'is offline' },
    { name: 'passes over an evacuated member', spec: { evacuated: true }, want: 'is evacuated' },
    { name: 'passes over a member that is leaving', deleting: true, want: 'is being removed' },
    {
      name: 'passes over a member for named instances',
      spec: { scheduling: 'manual' },
      want: 'takes instances only by name',
    },
    {
      name: 'does so although its group is asked for',
      spec: { scheduling: 'manual', groups: ['gpu'] },
      need: { clusterGroup: 'gpu' },
      want: 'takes instances only by name',
    },
    {
      name: 'passes over a member of groups without one',
      spec: { scheduling: 'group' },
      want: 'takes instances only by its groups',
    },
    {
      name: 'takes a member of the group',
      spec: { scheduling: 'group', groups: ['gpu'] },
      need: { clusterGroup: 'gpu' },
    },
    { name: 'counts members that name no group to the default one', need: { clusterGroup: 'default' } },
    {
      name: 'passes over members of other groups',
      spec: { groups: ['gpu'] },
      need: { clusterGroup: 'default' },
      want: 'is not in group default',
    },
    { name: 'takes a member of the architecture', need: { architecture: 'x86_64' } },
    { name: 'takes a member whose kernel runs the architecture too', need: { architecture: 'i686' } },
    {
      name: 'passes over another architecture',
      need: { architecture: 'aarch64' },
      want: 'has architecture x86_64',
    },
    {
      name: 'passes over a kernel that is too small',
      host: 'i686',
      need: { architecture: 'x86_64' },
      want: 'has architecture i686',
    },
    { name: 'believes that an unknown architecture fits', host: '', need: { architecture: 'aarch64' } },
    {
      name: 'asks for the devices last',
      need: { deviceTrouble: (member) => `${member} has no pool` },
      want: 'm has no pool',
    },
  ];
  for (const { name, spec = {}, offline = false, deleting = false, host = 'x86_64', need, want } of cases) {
    it(name, () => {
      const member = buildMember('m', {
        spec,
        ...(deleting ? { deletionTimestamp } : {}),
        status: {
          conditions: [buildCondition('Online', { status: offline ? 'False' : 'True' })],
          architecture: host === '' ? undefined : host,
        },
      });
      const none = { clusterGroup: undefined, architecture: undefined, deviceTrouble: () => undefined };
      assert.equal(unfitness(member, { ...none, ...need }), want);
    });
  }
});
