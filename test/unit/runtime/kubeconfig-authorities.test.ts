import assert from 'node:assert/strict';
import { createAuthority } from '../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem } from '../../../src/daemon/pki/key-pair.ts';
import {
  mergeAuthorities,
  withAuthorities,
  type Authorities,
  type TrustingKubeconfig,
} from '../../../src/runtime/kubeconfig-authorities.ts';

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const data = (...texts: readonly string[]): string => Buffer.from(texts.map(pem).join('')).toString('base64');
const file = (...authorities: readonly string[]): TrustingKubeconfig => ({
  clusters: [
    { name: 'muster', cluster: { 'certificate-authority-data': data(...authorities) } },
    { name: 'muster-n2', cluster: { 'certificate-authority-data': data(...authorities) } },
    { name: 'elsewhere', cluster: { 'certificate-authority-data': data('else') } },
  ],
  contexts: [{ name: 'here', context: { cluster: 'muster' } }],
  'current-context': 'here',
});

describe('runtime: authorities of a kubeconfig', () => {
  it('adds an anchor after the cluster, at every entry of the cluster and at no other', () => {
    assert.deepEqual(withAuthorities(file('own'), { anchorPem: pem('anchor') }), file('own', 'anchor'));
  });

  it('replaces an older anchor, and takes it away', () => {
    assert.deepEqual(withAuthorities(file('own', 'old'), { anchorPem: pem('new') }), file('own', 'new'));
    assert.deepEqual(withAuthorities(file('own', 'old'), {}), file('own'));
  });

  it('names another authority of the cluster', () => {
    const authorities = { clusterPems: [pem('next')], anchorPem: pem('anchor') };
    assert.deepEqual(withAuthorities(file('own', 'anchor'), authorities), file('next', 'anchor'));
  });

  it('names another one beside whoever else is trusted', () => {
    const authorities = { clusterPems: [pem('next')], keepsOthers: true };
    assert.deepEqual(withAuthorities(file('own', 'anchor'), authorities), file('next', 'anchor'));
  });

  it('keeps both authorities of a cluster beside another anchor, while one is exchanged for the other', async () => {
    const [former, next, anchor] = await Promise.all(
      ['c1', 'c1', 'company'].map((name) =>
        createAuthority(name, createPrivateKeyPem(), Date.UTC(2026, 0, 1)),
      ),
    );
    assert(former !== undefined && next !== undefined && anchor !== undefined);
    const merge = (before: readonly string[], authorities: Authorities) =>
      mergeAuthorities(before.join(''), authorities);
    const keeping = { clusterPems: [next, former], keepsOthers: true };
    assert.equal(merge([former, next], { anchorPem: anchor }), former + next + anchor);
    assert.equal(merge([former, anchor], keeping), next + former + anchor);
    assert.equal(merge([next, former, anchor], { clusterPems: [next], keepsOthers: true }), next + anchor);
    assert.equal(merge([], {}), '');
  });

  it('changes nothing without need', () => {
    assert.equal(withAuthorities(file('own', 'anchor'), { anchorPem: pem('anchor') }), undefined);
    assert.equal(withAuthorities({}, { anchorPem: pem('anchor') }), undefined);
  });
});
