import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { configMaps } from '../../../../src/api/builtin.ts';
import { renewAuthority } from '../../../../src/daemon/certificates/renew-authority.ts';
import {
  createAuthority,
  signClientCertificate,
  type KeyedCertificate,
} from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../../src/daemon/pki/key-pair.ts';
import { authorityPlace } from '../../../../src/runtime/authority-certificate.ts';
import { MemoryClusterApi } from '../../../support/memory-cluster-api.ts';

const { signal } = new AbortController();
const yearMs = 365 * 24 * 3_600_000;
const nowMs = Date.UTC(2036, 0, 1);
const clock = { now: () => nowMs };

/** Made so many years ago; it lasts ten. */
async function found(years: number, keyPem = createPrivateKeyPem()): Promise<KeyedCertificate> {
  return { keyPem, certPem: await createAuthority('test', keyPem, nowMs - years * yearMs) };
}

async function published(clusterApi: MemoryClusterApi): Promise<string | undefined> {
  return (await clusterApi.get(configMaps, authorityPlace))?.data?.['ca.crt'];
}

describe('daemon/certificates/renew-authority', () => {
  let first: KeyedCertificate;

  before(async () => {
    first = await found(9.5);
  });

  it('does nothing before its last year', async () => {
    const clusterApi = new MemoryClusterApi();
    const own = await found(8.9);
    assert.equal(await renewAuthority(own, { clusterApi, clock }, signal), own.certPem);
    assert.equal(await published(clusterApi), undefined);
  });

  it('makes another one over the same key, under the same name, which vouches for what was signed before', async () => {
    const clusterApi = new MemoryClusterApi();
    const own = await found(9.5);
    const publicKeyPem = publicKeyPemOf(createPrivateKeyPem());
    const signed = await signClientCertificate(own, { user: 'x', groups: [], publicKeyPem }, nowMs);
    const renewed = new X509Certificate(await renewAuthority(own, { clusterApi, clock }, signal));
    assert(renewed.validToDate.getTime() > nowMs + 9 * yearMs);
    assert.equal(renewed.subject, new X509Certificate(own.certPem).subject);
    const old = new X509Certificate(signed);
    assert(old.checkIssued(renewed) && old.verify(renewed.publicKey));
  });

  it('takes what another member has made, also when that was off for years', async () => {
    const clusterApi = new MemoryClusterApi();
    for (const years of [9.5, 11]) {
      const own = await found(years, first.keyPem);
      const certPem = await renewAuthority(own, { clusterApi, clock }, signal);
      assert.equal(certPem, await published(clusterApi));
    }
    const made = await published(clusterApi);
    assert.equal(await renewAuthority(await found(9.2, first.keyPem), { clusterApi, clock }, signal), made);
  });

  it('agrees on one when several members make one at once', async () => {
    const clusterApi = new MemoryClusterApi();
    const deps = { clusterApi, clock };
    const all = await Promise.all([1, 2, 3].map(() => renewAuthority(first, deps, signal)));
    assert.deepEqual(new Set(all).size, 1);
    assert.equal(all[0], await published(clusterApi));
  });

  it('takes nothing that is not over its own key, and replaces it', async () => {
    for (const offered of ['rubbish', (await found(0)).certPem]) {
      const clusterApi = new MemoryClusterApi();
      const object = {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...authorityPlace } },
        data: { 'ca.crt': offered },
      };
      await clusterApi.create(configMaps, object);
      const certPem = await renewAuthority(first, { clusterApi, clock }, signal);
      assert.notEqual(certPem, offered);
      assert.equal(await published(clusterApi), certPem);
    }
  });
});
