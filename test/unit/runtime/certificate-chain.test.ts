import assert from 'node:assert/strict';
import {
  createAuthority,
  signClientCertificate,
  signMemberCertificate,
} from '../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../src/daemon/pki/key-pair.ts';
import { readCertificateChain } from '../../../src/runtime/certificate-chain.ts';

const nowMs = Date.parse('2030-01-01T00:00:00Z');
const yearMs = 365 * 24 * 3_600_000;

describe('runtime: a certificate chain that people bring', () => {
  const keyPem = createPrivateKeyPem();
  const publicKeyPem = publicKeyPemOf(keyPem);
  const made = { root: '', leaf: '', client: '', expired: '', early: '', otherRoot: '' };

  before(async () => {
    const rootKey = createPrivateKeyPem();
    const root = { keyPem: rootKey, certPem: await createAuthority('root', rootKey, nowMs) };
    const request = { name: 'cloud.example.test', hosts: [], publicKeyPem };
    made.root = root.certPem;
    made.leaf = await signMemberCertificate(root, request, nowMs);
    made.expired = await signMemberCertificate(root, request, nowMs - 11 * yearMs);
    made.early = await signMemberCertificate(root, request, nowMs + yearMs);
    made.client = await signClientCertificate(root, { user: 'u', groups: [], publicKeyPem }, nowMs);
    made.otherRoot = await createAuthority('other', createPrivateKeyPem(), nowMs);
  });

  it('takes a chain in order, and says whom clients have to trust', () => {
    const chain = readCertificateChain(made.leaf + made.root, keyPem, nowMs);
    assert.ok(!('problem' in chain), JSON.stringify(chain));
    assert.equal(chain.anchorPem, made.root);
    assert.equal(chain.certificates.length, 2);
  });

  const refusals: readonly [string, () => readonly [string, string], RegExp][] = [
    ['no certificate', () => ['nothing', keyPem], /PEM-encoded X\.509/],
    ['a broken certificate', () => [made.leaf.replace('MII', 'AAA'), keyPem], /PEM-encoded X\.509/],
    ['no key', () => [made.leaf, 'nothing'], /PKCS#1, SEC1 or PKCS#8/],
    ['another key', () => [made.leaf, createPrivateKeyPem()], /does not belong to the certificate/],
    ['the issuer first', () => [made.root + made.leaf, keyPem], /own has to come first/],
    ['another issuer', () => [made.leaf + made.otherRoot, keyPem], /was not signed by the one after it/],
    ['one of the past', () => [made.expired, keyPem], /expired at 20/],
    ['one of the future', () => [made.early, keyPem], /not valid before/],
    ["a client's", () => [made.client, keyPem], /no serverAuth/],
  ];
  for (const [name, give, expected] of refusals) {
    it(`refuses ${name}`, () => {
      const [certPem, key] = give();
      const chain = readCertificateChain(certPem, key, nowMs);
      assert.match('problem' in chain ? chain.problem : '', expected);
    });
  }
});
