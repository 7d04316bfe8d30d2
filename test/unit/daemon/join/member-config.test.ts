import assert from 'node:assert/strict';
import {
  findMemberConfigProblem,
  listQuestions,
  networkMembersWith,
  poolMembersWith,
  type MemberConfigEntry,
} from '../../../../src/daemon/join/member-config.ts';
import { buildNetwork, buildPool } from '../../../support/build-objects.ts';

const pool = buildPool('local', { spec: { driver: 'dir', members: [{ name: 'n1', source: '/srv/a' }] } });
const network = buildNetwork('front', {
  spec: { type: 'bridge', members: [{ name: 'n1', externalInterfaces: ['eth1', 'eth2'] }] },
});
const targets = { pools: [pool, buildPool('plain')], networks: [network] };

function entry(differences: Partial<MemberConfigEntry> = {}): MemberConfigEntry {
  return { entity: 'storage-pool', name: 'local', key: 'source', value: '/srv/b', ...differences };
}

describe('daemon/join/member-config', () => {
  it('asks for what the answering member has set, sorted', () => {
    assert.deepEqual(listQuestions(targets, 'n1'), [
      {
        entity: 'network',
        name: 'front',
        key: 'bridge.external_interfaces',
        value: 'eth1,eth2',
        description: '"bridge.external_interfaces" property for network "front"',
      },
      {
        entity: 'storage-pool',
        name: 'local',
        key: 'source',
        value: '/srv/a',
        description: '"source" property for storage pool "local"',
      },
    ]);
    assert.deepEqual(listQuestions(targets, 'n2'), []);
  });

  const problems: readonly [string, MemberConfigEntry, RegExp | undefined][] = [
    ['an entry that fits', entry(), undefined],
    ['an unknown pool', entry({ name: 'fast' }), /no storage pool "fast"; there are local, plain/],
    [
      'an unknown network',
      entry({ entity: 'network', name: 'x', key: 'parent' }),
      /no network "x"; there are front/,
    ],
    [
      'a key that is the same everywhere',
      entry({ key: 'driver' }),
      /"driver" is no setting .*; there are source/,
    ],
    ['an empty value', entry({ value: '' }), /the "source" of storage pool "local" is empty/],
  ];
  for (const [name, given, want] of problems) {
    it(`judges ${name}`, () => {
      const problem = findMemberConfigProblem([given], targets);
      if (want === undefined) assert.equal(problem, undefined);
      else assert.match(problem ?? '', want);
    });
  }

  it('adds the part of the new member, and leaves the others alone', () => {
    assert.deepEqual(poolMembersWith(pool, 'n2', [entry()]), [
      { name: 'n1', source: '/srv/a' },
      { name: 'n2', source: '/srv/b' },
    ]);
    assert.equal(poolMembersWith(pool, 'n2', [entry({ name: 'plain' })]), undefined);
    const external = entry({
      entity: 'network',
      name: 'front',
      key: 'bridge.external_interfaces',
      value: 'eth7, eth8',
    });
    assert.deepEqual(networkMembersWith(network, 'n2', [external])?.at(-1), {
      name: 'n2',
      externalInterfaces: ['eth7', 'eth8'],
    });
  });

  it('replaces the part of a member that tries again', () => {
    assert.deepEqual(poolMembersWith(pool, 'n1', [entry()]), [{ name: 'n1', source: '/srv/b' }]);
  });
});
