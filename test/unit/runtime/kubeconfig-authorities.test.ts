import assert from 'node:assert/strict';
import { withAuthorities, type TrustingKubeconfig } from '../../../src/runtime/kubeconfig-authorities.ts';

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

  it('changes nothing without need', () => {
    assert.equal(withAuthorities(file('own', 'anchor'), { anchorPem: pem('anchor') }), undefined);
    assert.equal(withAuthorities({}, { anchorPem: pem('anchor') }), undefined);
  });
});
