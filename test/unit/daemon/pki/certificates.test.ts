import assert from 'node:assert/strict';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import {
  createAuthority,
  signClientCertificate,
  signMemberCertificate,
  signOwnCertificate,
} from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../../src/daemon/pki/key-pair.ts';
import {
  fingerprintOf,
  parsePublicKey,
  pinOfCertificate,
  pinOfKey,
} from '../../../../src/daemon/pki/public-key.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const clientAuth = '1.3.6.1.5.5.7.3.2';
const serverAuth = '1.3.6.1.5.5.7.3.1';

async function buildAuthority() {
  const keyPem = createPrivateKeyPem();
  return { keyPem, certPem: await createAuthority('c1', keyPem, nowMs) };
}

describe('daemon/pki/certificates', () => {
  it('makes an authority that signs for itself and for ten years', async () => {
    const authority = new X509Certificate((await buildAuthority()).certPem);
    assert.equal(authority.ca, true);
    assert.equal(authority.verify(authority.publicKey), true);
    const years = (authority.validToDate.getTime() - nowMs) / (365 * 86_400_000);
    assert.equal(Math.round(years), 10);
  });

  it('signs a member: both usages, its name and every address by which it is called', async () => {
    const authority = await buildAuthority();
    const publicKeyPem = publicKeyPemOf(createPrivateKeyPem());
    const request = { name: 'n1', hosts: ['192.0.2.1'], publicKeyPem };
    const certPem = await signMemberCertificate(authority, request, nowMs);
    const certificate = new X509Certificate(certPem);
    const issuer = new X509Certificate(authority.certPem);
    assert.equal(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey), true);
    assert.equal(certificate.subject, 'CN=system:member:n1\nO=system:members');
    assert.deepEqual(certificate.keyUsage, [serverAuth, clientAuth]);
    assert.deepEqual(
      ['n1', 'localhost', 'n2'].map((host) => certificate.checkHost(host)),
      ['n1', 'localhost', undefined],
    );
    assert.deepEqual(
      ['192.0.2.1', '127.0.0.1', '192.0.2.2'].map((address) => certificate.checkIP(address)),
      ['192.0.2.1', '127.0.0.1', undefined],
    );
    assert.equal(pinOfCertificate(certPem), pinOfKey(createPublicKey(publicKeyPem)));
  });

  it('signs a person, who may not serve', async () => {
    const authority = await buildAuthority();
    const publicKeyPem = publicKeyPemOf(createPrivateKeyPem());
    const request = { user: 'admin', groups: ['system:masters', 'ops'], publicKeyPem };
    const certificate = new X509Certificate(await signClientCertificate(authority, request, nowMs));
    assert.equal(certificate.subject, 'CN=admin\nO=system:masters\nO=ops');
    assert.deepEqual([certificate.keyUsage, certificate.ca], [[clientAuth], false]);
  });

  it('lets a host show that it holds a key before anybody vouches for it', async () => {
    const keyPem = createPrivateKeyPem();
    const certPem = await signOwnCertificate(keyPem, 'n2', nowMs);
    assert.equal(pinOfCertificate(certPem), pinOfKey(createPublicKey(publicKeyPemOf(keyPem))));
  });

  it('pins a key by its SubjectPublicKeyInfo and a certificate by the whole of it', async () => {
    const { certPem } = await buildAuthority();
    const certificate = new X509Certificate(certPem);
    const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
    assert.equal(pinOfCertificate(certPem), createHash('sha256').update(spki).digest('hex'));
    assert.equal(fingerprintOf(certificate), certificate.fingerprint256.replaceAll(':', '').toLowerCase());
  });

  it('takes no other keys than ECDSA P-256', () => {
    const ed25519 =
      '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----';
    assert.deepEqual([parsePublicKey('x'), parsePublicKey(ed25519)], [undefined, undefined]);
    assert.notEqual(parsePublicKey(publicKeyPemOf(createPrivateKeyPem())), undefined);
  });
});
