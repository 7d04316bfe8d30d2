import assert from 'node:assert/strict';
import { renameMemberIn } from '../../../../src/daemon/rename/rename-member-in.ts';

const name = { from: 'n1', to: 'west-1' };

describe('renameMemberIn', () => {
  it('renames in the wish and in the report of an instance, as a new generation', () => {
    const instance = {
      metadata: { name: 'n1', generation: 3 },
      spec: { image: 'n1', placement: { member: 'n1' } },
      status: { member: 'n1', state: 'Running' },
    };
    assert.deepEqual(renameMemberIn('instances', instance, name), {
      metadata: { name: 'n1', generation: 4 },
      spec: { image: 'n1', placement: { member: 'west-1' } },
      status: { member: 'west-1', state: 'Running' },
    });
  });

  it('leaves the generation where only the report names the member', () => {
    const instance = { metadata: { name: 'a', generation: 3 }, spec: {}, status: { member: 'n1' } };
    assert.deepEqual(renameMemberIn('instances', instance, name), {
      metadata: { name: 'a', generation: 3 },
      spec: {},
      status: { member: 'west-1' },
    });
  });

  it('renames entries of lists, in every place of an image', () => {
    const image = {
      metadata: { name: 'a', generation: 1 },
      spec: { source: { file: 'n1', member: 'n1' } },
      status: { wantedMembers: ['n0', 'n1'], members: [{ name: 'n0' }, { name: 'n1', state: 'Ready' }] },
    };
    assert.deepEqual(renameMemberIn('images', image, name), {
      metadata: { name: 'a', generation: 2 },
      spec: { source: { file: 'n1', member: 'west-1' } },
      status: {
        wantedMembers: ['n0', 'west-1'],
        members: [{ name: 'n0' }, { name: 'west-1', state: 'Ready' }],
      },
    });
  });

  it('keeps who owns an entry of a list', () => {
    const owned = (key: string) => [
      {
        manager: 'kubectl',
        fieldsV1: { 'f:spec': { 'f:members': { [`k:{"name":"${key}"}`]: { '.': {} } } } },
      },
    ];
    const pool = {
      metadata: { generation: 1, managedFields: owned('n1') },
      spec: { members: [{ name: 'n1', source: '/srv' }] },
    };
    assert.deepEqual(renameMemberIn('storagepools', pool, name), {
      metadata: { generation: 2, managedFields: owned('west-1') },
      spec: { members: [{ name: 'west-1', source: '/srv' }] },
    });
  });

  it('leaves objects alone that do not name the member', () => {
    assert.equal(
      renameMemberIn('instances', { metadata: { name: 'n1' }, spec: { image: 'n1' } }, name),
      undefined,
    );
    assert.equal(renameMemberIn('networks', { spec: { members: [{ name: 'n11' }] } }, name), undefined);
    assert.equal(renameMemberIn('profiles', { spec: { member: 'n1' } }, name), undefined);
    assert.equal(renameMemberIn('instances', { spec: { placement: null }, status: 'n1' }, name), undefined);
  });
});
