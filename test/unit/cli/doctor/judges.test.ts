import assert from 'node:assert/strict';
import { formatFindings, type Finding } from '../../../../src/cli/doctor/finding.ts';
import { judgeCluster, type ClusterReading } from '../../../../src/cli/doctor/judge-cluster.ts';
import { judgeHost, type HostReading } from '../../../../src/cli/doctor/judge-host.ts';
import { buildCondition, buildInstance, buildMember } from '../../../support/build-objects.ts';

const soundHost: HostReading = {
  isRoot: true,
  missingPackages: [],
  hasUserNamespaces: true,
  subordinateIds: 1_000_000_000,
  dataDir: '/var/lib/muster',
  freeBytes: 20 * 1024 ** 3,
  syncMs: 2,
  member: { name: 'n1', address: '192.0.2.1:8443' },
  isListening: true,
};
const soundCluster: ClusterReading = {
  cluster: undefined,
  members: ['n1', 'n2', 'n3'].map((name) =>
    buildMember(name, { status: { state: 'Online', databaseRole: 'voter', message: 'Fully operational' } }),
  ),
  instances: [buildInstance('web', { status: { conditions: [buildCondition('Ready')] } })],
  others: [],
  clockSkewMs: new Map(),
  unreachable: new Map(),
};

function summarize(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ state }) => state !== 'good')
    .map(({ state, subject, message }) => `${state} ${subject}: ${message}`);
}

describe('cli/doctor', () => {
  const hosts: readonly [string, Partial<HostReading>, RegExp | undefined][] = [
    ['a sound host', {}, undefined],
    ['missing packages', { missingPackages: ['lxc'] }, /^bad packages: missing: lxc$/],
    [
      'no ids',
      { subordinateIds: 0 },
      /^bad containers: root may hand out 0 ids, and a container needs 65536$/,
    ],
    [
      'no user namespaces',
      { hasUserNamespaces: false },
      /^bad containers: the kernel gives no user namespaces/,
    ],
    ['little room', { freeBytes: 1024 ** 3 }, /^warning space: 1\.0 GiB free in \/var\/lib\/muster$/],
    ['no room', { freeBytes: 1024 }, /^bad space: 0\.0 GiB free/],
    ['a slow disk', { syncMs: 40 }, /^warning disk: a small write needs 40\.0 ms/],
    ['a disk that is too slow', { syncMs: 400 }, /^bad disk/],
    [
      'a member that does not run',
      { isListening: false },
      /^bad member: n1 does not answer on 192\.0\.2\.1:8443$/,
    ],
    [
      'no member',
      { member: undefined, isListening: undefined },
      /^unknown member: .*"muster init" makes one$/,
    ],
    ['somebody who is not root', { isRoot: false }, /^warning rights/],
  ];
  for (const [name, change, want] of hosts) {
    it(`judges ${name}`, () => {
      const [first, ...rest] = summarize(judgeHost({ ...soundHost, ...change }));
      assert.deepEqual(rest, []);
      if (want === undefined) assert.equal(first, undefined);
      else assert.match(first ?? '', want);
    });
  }

  const [n1, n2, n3] = soundCluster.members;
  assert(n1 !== undefined && n2 !== undefined && n3 !== undefined);
  const offline = buildMember('n3', {
    status: { state: 'Offline', databaseRole: 'voter', message: 'No heartbeat since 2026-01-01T00:00:00Z' },
  });
  const failing = buildInstance('bad', {
    status: { conditions: [buildCondition('Ready', { status: 'False', message: 'no image' })] },
  });
  const exchanging = buildCondition('AuthorityExchanged', {
    ...{ status: 'False', reason: 'Signing', message: 'step 2 of 3' },
  });
  const missed = buildCondition('AuthorityTrusted', {
    ...{ status: 'False', reason: 'Missed', message: 'it was away' },
  });
  const clusters: readonly [string, Partial<ClusterReading>, readonly RegExp[]][] = [
    ['a sound cluster', {}, []],
    [
      'a voter that is away',
      { members: [n1, n2, offline] },
      [
        /^warning database: nobody leads; 2 of 3 voters are online$/,
        /^bad member n3: Offline: No heartbeat since/,
      ],
    ],
    [
      'clocks that differ',
      { clockSkewMs: new Map([['n2', -9_000]]) },
      [/^warning member n2: Online; its clock is -9 s off/],
    ],
    [
      'a closed port',
      { unreachable: new Map([['n2', 'timeout']]) },
      [/^warning member n2: Online, but not from here: timeout/],
    ],
    [
      'an exchange of the authority that goes on, and a member that has missed one',
      {
        cluster: {
          ...{ apiVersion: 'muster.dev/v1alpha1', kind: 'Cluster', metadata: { name: 'cluster' }, spec: {} },
          status: { conditions: [exchanging], leader: 'n1' },
        },
        members: [n1, n2, { ...n3, status: { ...n3.status, conditions: [missed] } }],
      },
      [/^warning authority: step 2 of 3$/, /^bad member n3: it was away$/],
    ],
    ['what is not ready', { instances: [failing] }, [/^warning Instance default\/bad: no image$/]],
  ];
  for (const [name, change, want] of clusters) {
    it(`judges ${name}`, () => {
      const seen = summarize(judgeCluster({ ...soundCluster, ...change }));
      assert.equal(seen.length, want.length, seen.join('\n'));
      for (const [index, pattern] of want.entries()) assert.match(seen[index] ?? '', pattern);
    });
  }

  it('says below each problem what to do', () => {
    const text = formatFindings(judgeHost({ ...soundHost, missingPackages: ['lxc'] }));
    assert.match(
      text,
      /^ok {4}rights {6}running as root\nFAIL {2}packages {4}missing: lxc\n +-> apt-get install lxc\n/,
    );
  });
});
