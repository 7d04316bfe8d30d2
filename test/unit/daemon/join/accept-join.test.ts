import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { isApiError } from '../../../../src/api/api-error.ts';
import { secrets } from '../../../../src/api/builtin.ts';
import { members } from '../../../../src/api/generated/resources.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { Peer } from '../../../../src/consensus/membership/membership.ts';
import { acceptJoin, type AcceptJoinDeps } from '../../../../src/daemon/join/accept-join.ts';
import { sweepTokens } from '../../../../src/daemon/join/sweep-tokens.ts';
import { createAuthority } from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../../src/daemon/pki/key-pair.ts';
import { pinOfKey } from '../../../../src/daemon/pki/public-key.ts';
import { issueJoinToken } from '../../../../src/runtime/issue-join-token.ts';
import { buildMember } from '../../../support/build-objects.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MemoryClusterApi } from '../../../support/memory-cluster-api.ts';

const signal = new AbortController().signal;
const first: Peer = {
  id: '1',
  name: 'n1',
  address: '192.0.2.1:8443',
  publicKeySha256: 'aa',
  failureDomain: 0,
};

/** A leader, a token for n2, and a host that holds it. */
async function buildWorld() {
  const clock = new FakeClock();
  const clusterApi = new MemoryClusterApi();
  const keyPem = createPrivateKeyPem();
  const authority = { keyPem, certPem: await createAuthority('c1', keyPem, clock.now()) };
  const peers = [first];
  const directory: AcceptJoinDeps['membership']['peers'] = {
    list: () => peers,
    findById: (id) => peers.find((peer) => peer.id === id),
    findByName: (name) => peers.find((peer) => peer.name === name),
    findByPublicKey: (sha256) => peers.find((peer) => peer.publicKeySha256 === sha256),
    subscribe: () => () => undefined,
  };
  const membership = {
    peers: directory,
    add: (peer: Peer) => {
      if (!peers.some(({ id }) => id === peer.id)) peers.push(peer);
      return Promise.resolve();
    },
  };
  const deps: AcceptJoinDeps = {
    ...{ clusterApi, membership, clusterId: 'c1', authority, version: '0.1.0', clock, logger: silentLogger },
  };
  await clusterApi.create(members, buildMember(first.name));
  const token = await issueJoinToken({ clusterApi, caPem: authority.certPem, clock }, 'n2', signal);
  const publicKey = publicKeyPemOf(createPrivateKeyPem());
  const request = {
    name: 'n2',
    secret: token.secret,
    address: '192.0.2.2:8443',
    publicKey,
    version: '0.2.0',
    featureLevels: { newest: 2, oldest: 1 },
  };
  return { deps, clusterApi, clock, peers, request };
}

type Request = Awaited<ReturnType<typeof buildWorld>>['request'];

function join(deps: AcceptJoinDeps, request: Request) {
  return acceptJoin(deps, request, pinOfKey(createPublicKey(request.publicKey)), signal);
}

async function refusalOf(joining: Promise<unknown>): Promise<string> {
  try {
    await joining;
  } catch (error) {
    if (isApiError(error)) return `${String(error.code)} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('daemon/join/accept-join', () => {
  it('takes a host in: peer, Member object, certificate, and the keys of the cluster', async () => {
    const { deps, clusterApi, request } = await buildWorld();
    const answer = await join(deps, request);
    const member = await clusterApi.get(members, { name: 'n2' });
    assert.deepEqual(
      [answer.clusterId, answer.peers.map(({ name }) => name), member?.spec, answer.authority.certPem],
      ['c1', ['n1', 'n2'], { address: '192.0.2.2:8443' }, deps.authority.certPem],
    );
    assert.match(answer.id, /^\d{2,19}$/);
  });

  it('gives the same host the same answer when the first one was lost', async () => {
    const { deps, request, peers } = await buildWorld();
    const [one, two] = [await join(deps, request), await join(deps, request)];
    assert.deepEqual([one.id, peers.length], [two.id, 2]);
  });

  it('gives another host nothing for a token that was used', async () => {
    const { deps, request } = await buildWorld();
    await join(deps, request);
    const thief = { ...request, publicKey: publicKeyPemOf(createPrivateKeyPem()) };
    assert.match(await refusalOf(join(deps, thief)), /^403 .*another host has used it/);
  });

  it('refuses a host that does not hold the key that it names', async () => {
    const { deps, request } = await buildWorld();
    assert.match(await refusalOf(acceptJoin(deps, request, 'bb', signal)), /^400 .*does not prove/);
  });

  it('burns an expired token', async () => {
    const { deps, clock, clusterApi, request } = await buildWorld();
    await clock.advance(3 * 3_600_000);
    assert.match(await refusalOf(join(deps, request)), /^403 .*expired at 2026-01-01T03:00:00Z/);
    assert.deepEqual((await clusterApi.list(secrets, {})).items, []);
    assert.match(await refusalOf(join(deps, request)), /^403 .*used, replaced .* or never made/);
  });

  const refused = [
    { name: 'a wrong secret', change: { secret: '0'.repeat(64) }, want: /^403 / },
    { name: 'a name for which there is no token', change: { name: 'n3' }, want: /^403 / },
    {
      name: 'an address in use',
      change: { address: first.address },
      want: /^409 .*address 192.0.2.1:8443: n1/,
    },
    { name: 'an address where nobody is', change: { address: '[::]:8443' }, want: /^400 .*nobody can reach/ },
    { name: 'an address that is none', change: { address: 'here' }, want: /^400 address: / },
    {
      name: 'a release that is too new',
      change: { version: '0.9.0', featureLevels: { newest: 3, oldest: 2 } },
      want: /^409 the cluster runs Muster 0\.1\.0; the joining host's 0\.9\.0 is newer than .*upgrade the others/,
    },
    { name: 'a key that is none', change: { version: '' }, want: /^400 .*version is missing/ },
  ];
  for (const { name, change, want } of refused) {
    it(`refuses ${name}, and the token stays good`, async () => {
      const { deps, request, peers } = await buildWorld();
      assert.match(await refusalOf(join(deps, { ...request, ...change })), want);
      assert.equal(peers.length, 1);
      assert.equal(await refusalOf(join(deps, request)), 'accepted');
    });
  }

  it('clears away tokens whose host has arrived, and expired ones', async () => {
    const { deps, clock, clusterApi, request } = await buildWorld();
    const { authority } = deps;
    await join(deps, request);
    const left = async (arrived: boolean): Promise<number> => {
      await sweepTokens({ clusterApi, authority, clock, hasArrived: () => arrived }, signal);
      return (await clusterApi.list(secrets, {})).items.length;
    };
    assert.deepEqual([await left(false), await left(true)], [1, 0]);
  });
});
