import assert from 'node:assert/strict';
import { dump } from 'js-yaml';
import { createAuthority } from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem } from '../../../../src/daemon/pki/key-pair.ts';
import { parsePreseed } from '../../../../src/cli/init/parse-preseed.ts';
import { planInit } from '../../../../src/cli/init/plan.ts';
import { UsageError } from '../../../../src/cli/usage-error.ts';

const host = { name: 'here', address: '192.0.2.9' };

function plan(yaml: string) {
  return planInit(parsePreseed(yaml), host);
}

describe('cli/init: preseed', () => {
  it('founds a cluster with the pools, networks, profiles and projects of the file', () => {
    const made = plan(`
config:
  core.https_address: 192.0.2.1
  cluster.offline_threshold: 30
  cluster.max_voters: "5"
storage_pools:
- name: local
  driver: dir
  config: {source: /srv/pool, user.note: fast}
networks:
- name: front
  config: {ipv4.address: 10.9.8.1/24, ipv4.nat: "true", bridge.external_interfaces: eth1, dns.domain: lab}
projects:
- name: default
- name: web
  description: the shop
profiles:
- name: default
  config: {limits.memory: 512MiB, limits.cpu: 2, security.nesting: "no"}
  devices:
    root: {type: disk, path: /, pool: local}
    eth0: {type: nic, network: front, mtu: 1400}
cluster:
  enabled: true
  server_name: n1
`);
    assert(made.kind === 'bootstrap');
    assert.deepEqual([made.name, made.address, made.clientAddresses], ['n1', '192.0.2.1:8443', []]);
    const specs = Object.fromEntries(
      made.objects.map((object) => [
        `${object.kind} ${object.metadata.name}`,
        (object as { spec?: object }).spec,
      ]),
    );
    assert.deepEqual(specs, {
      'Cluster cluster': { offlineThresholdSeconds: 30, maxVoters: 5 },
      'StoragePool local': {
        driver: 'dir',
        members: [{ name: 'n1', source: '/srv/pool' }],
        config: { 'user.note': 'fast' },
      },
      'Network front': {
        type: 'bridge',
        ipv4: { address: '10.9.8.1/24', nat: true },
        dns: { domain: 'lab' },
        members: [{ name: 'n1', externalInterfaces: ['eth1'] }],
      },
      'Namespace web': undefined,
      'Profile default': {
        resources: { memory: '512Mi', cpus: 2 },
        security: { nesting: false },
        devices: {
          root: { type: 'disk', disk: { path: '/', pool: 'local' } },
          eth0: { type: 'nic', nic: { network: 'front', mtu: 1400 } },
        },
      },
    });
  });

  it('founds a cluster of what an empty file says: the host as it is', () => {
    const made = plan('');
    assert(made.kind === 'bootstrap');
    assert.deepEqual([made.name, made.address], ['here', '192.0.2.9:8443']);
  });

  it('takes the trust password as such, and not into any object', () => {
    const made = plan('config: {core.trust_password: open sesame, cluster.max_standby: 1}');
    assert(made.kind === 'bootstrap');
    assert.equal(made.trustPassword, 'open sesame');
    assert.doesNotMatch(JSON.stringify(made.objects), /sesame|trust/);
    const none = plan('config: {core.trust_password: ""}');
    assert(none.kind === 'bootstrap' && none.trustPassword === '');
  });

  it('joins with a token; of the other sections only where this host serves clients counts', () => {
    const made = plan(`
config: {core.https_address: "[::]:8443"}
cluster:
  enabled: true
  server_address: "[2001:db8::2]"
  cluster_token: abc
  member_config:
  - {entity: storage-pool, name: local, key: source, value: /srv/x, description: whatever}
`);
    assert.deepEqual(made, {
      kind: 'join',
      by: { token: 'abc' },
      address: '[2001:db8::2]:8443',
      clientAddresses: ['[::]:8443'],
      memberConfig: [{ entity: 'storage-pool', name: 'local', key: 'source', value: '/srv/x' }],
    });
  });

  it('joins with the trust password, which goes to nobody but the owner of the certificate', async () => {
    const certificate = await createAuthority('x', createPrivateKeyPem(), Date.parse('2030-01-01'));
    const made = plan(
      dump({
        cluster: {
          enabled: true,
          server_name: 'n2',
          server_address: '192.0.2.2',
          cluster_address: '192.0.2.1',
          cluster_certificate: certificate,
          cluster_password: 'open sesame',
        },
      }),
    );
    assert(made.kind === 'join' && 'password' in made.by);
    const { fingerprint, ...by } = made.by;
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.deepEqual(by, { name: 'n2', addressOfMember: '192.0.2.1:8443', password: 'open sesame' });
  });

  const addresses: readonly [string, string, string | undefined | RegExp][] = [
    ['{core.https_address: "192.0.2.1:9443"}', '192.0.2.1:9443', undefined],
    ['{cluster.https_address: 10.0.0.1}', '10.0.0.1:8443', undefined],
    ['{core.https_address: ":8443", cluster.https_address: 10.0.0.1}', '10.0.0.1:8443', '[::]:8443'],
    ['{core.https_address: 0.0.0.0, cluster.https_address: 10.0.0.1}', '10.0.0.1:8443', '0.0.0.0:8443'],
    ['{core.https_address: 192.0.2.1, cluster.https_address: 10.0.0.1}', '10.0.0.1:8443', '192.0.2.1:8443'],
    ['{core.https_address: 0.0.0.0}', '', /core.https_address is a wildcard, so that cluster.https_address/],
    ['{cluster.https_address: "[::]"}', '', /wildcard addresses are not allowed/],
    ['{core.https_address: "192.0.2.1:1", cluster.https_address: "10.0.0.1:2"}', '10.0.0.1:2', '192.0.2.1:1'],
    [
      '{cluster.https_address: "not an address"}',
      '',
      /"not an address" is not of the form host or host:port/,
    ],
  ];
  for (const [config, address, client] of addresses) {
    it(`takes ${config}: ${String(client ?? address)}`, () => {
      const run = () => plan(`config: ${config}`);
      if (client instanceof RegExp) {
        assert.throws(run, client);
        return;
      }
      const made = run();
      assert(made.kind === 'bootstrap');
      assert.deepEqual(
        [made.address, ...made.clientAddresses],
        [address, ...(client === undefined ? [] : [client])],
      );
    });
  }

  const refused: readonly [string, RegExp][] = [
    ['a: [', /this is no YAML/],
    ['- a', /the file has to be a map of fields/],
    ['cluster: {server_nme: n1}', /unknown field cluster.server_nme; there are .*server_name/],
    ['nonsense: 1', /unknown field nonsense; there are cluster, config, networks/],
    ['storage_volumes: [{name: v}]', /storage_volumes is not served by this release/],
    ['cluster: {enabled: true}', /cluster.server_name is missing/],
    ['cluster: {server_name: n1}', /server_name has to be empty while cluster.enabled is not true/],
    ['cluster: {enabled: true, cluster_password: x}', /cluster.server_name is missing/],
    ['cluster: {enabled: true, server_name: n2, cluster_password: x}', /cluster.cluster_address is missing/],
    [
      'cluster: {enabled: true, server_name: n2, cluster_address: a, cluster_password: x}',
      /cluster_certificate is missing: without it the password could be sent to anybody/,
    ],
    [
      'cluster: {enabled: true, server_name: n2, cluster_address: a, cluster_password: x, cluster_certificate: y}',
      /cluster_certificate has to be a PEM-encoded/,
    ],
    [
      'cluster: {enabled: true, cluster_password: x, cluster_token: y}',
      /give cluster.cluster_token or cluster.cluster_password, not both/,
    ],
    ['cluster: {enabled: true, cluster_address: 192.0.2.1}', /cluster.cluster_token is missing/],
    ['cluster: {cluster_token: x}', /cluster.enabled has to be true for joining/],
    ['cluster: {enabled: yes please}', /cluster.enabled has to be true or false/],
    ['config: {core.trust_ca_certificates: true}', /the key "core.trust_ca_certificates" is not served/],
    [
      'config: {core.trust_password: sesame}',
      /^preseed: config: core.trust_password: the trust password has to have 8 characters or more/,
    ],
    ['config: {cluster.max_voters: many}', /cluster.max_voters: "many" is not an integer/],
    ['storage_pools: [{driver: dir}]', /storage_pools\[0\].name is missing/],
    [
      'storage_pools: [{name: p, driver: dir, config: {volatile.x: 1}}]',
      /storage_pools: p: config: the key "volatile.x"/,
    ],
    ['networks: [{name: n, project: web}]', /networks\[0\].project "web" is not served/],
    [
      'profiles: [{name: p, devices: {gpu: {type: gpu}}}]',
      /devices.gpu: the device type "gpu" is not served/,
    ],
    ['profiles: [{name: p, devices: {e: {type: nic, nictype: macvlan}}}]', /devices.e: the key "nictype"/],
    [
      'profiles: [{name: p, config: {limits.memory: lots}}]',
      /limits.memory: "lots" is not a size such as 512MiB/,
    ],
    [
      'projects: [{name: p, config: {features.images: true}}]',
      /projects: p: config: the key "features.images"/,
    ],
  ];
  for (const [yaml, message] of refused) {
    it(`refuses ${yaml}`, () => {
      assert.throws(
        () => plan(yaml),
        (error: unknown) => error instanceof UsageError && message.test(error.message),
      );
    });
  }
});
