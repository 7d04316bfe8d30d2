import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { withRenewedUsers, type UsersFile } from '../../../../src/daemon/certificates/renew-users.ts';
import {
  createAuthority,
  signClientCertificate,
  type ClientCertificateRequest,
  type KeyedCertificate,
} from '../../../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../../../src/daemon/pki/key-pair.ts';

const yearMs = 365 * 24 * 3_600_000;
const nowMs = Date.UTC(2036, 0, 1);
const keyPem = createPrivateKeyPem();
const publicKeyPem = publicKeyPemOf(keyPem);

async function found(): Promise<KeyedCertificate> {
  const authorityKey = createPrivateKeyPem();
  return { keyPem: authorityKey, certPem: await createAuthority('test', authorityKey, nowMs) };
}

type User = NonNullable<UsersFile['users']>[number]['user'];

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Signed so long ago; a certificate lasts ten years. */
async function buildFile(
  authority: KeyedCertificate,
  years: number,
  request: Partial<ClientCertificateRequest> = {},
) {
  const asked = { user: 'admin', groups: ['system:masters', 'staff'], publicKeyPem, ...request };
  const certPem = await signClientCertificate(authority, asked, nowMs - years * yearMs);
  const own: User = { 'client-certificate-data': toBase64(certPem), 'client-key-data': toBase64(keyPem) };
  const bearer: User = { token: 'secret' };
  return {
    kind: 'Config',
    users: [
      { name: 'admin', user: own },
      { name: 'bearer', user: bearer },
    ],
  };
}

function trusting(authority: KeyedCertificate, ...others: readonly KeyedCertificate[]) {
  return { ...authority, trusted: [authority, ...others].map(({ certPem }) => certPem) };
}

describe('daemon/certificates/renew-users', () => {
  it('signs a certificate anew in its last 90 days, and after its end, for the same key, name and groups', async () => {
    const authority = await found();
    for (const years of [9.9, 11]) {
      const file = await buildFile(authority, years);
      const renewed = await withRenewedUsers(file, trusting(authority), nowMs);
      const [admin, bearer] = renewed?.users ?? [];
      const pem = Buffer.from(admin?.user['client-certificate-data'] ?? '', 'base64').toString();
      const certificate = new X509Certificate(pem);
      assert(certificate.validToDate.getTime() > nowMs + 9 * yearMs);
      assert.equal(certificate.subject, 'CN=admin\nO=system:masters\nO=staff');
      assert.equal(certificate.publicKey.export({ type: 'spki', format: 'pem' }), publicKeyPem);
      assert.deepEqual(bearer, { name: 'bearer', user: { token: 'secret' } });
      assert.equal(renewed?.kind, 'Config');
    }
  });

  it('signs anew what another authority has signed that is exchanged for this one', async () => {
    const [former, next] = [await found(), await found()];
    const file = await buildFile(former, 1);
    const renewed = await withRenewedUsers(file, trusting(next, former), nowMs);
    const data = renewed?.users[0]?.user['client-certificate-data'] ?? '';
    const certificate = new X509Certificate(Buffer.from(data, 'base64'));
    assert(certificate.verify(new X509Certificate(next.certPem).publicKey));
    assert.equal(await withRenewedUsers(renewed ?? {}, trusting(next, former), nowMs), undefined);
  });

  it('leaves alone what is good, is of another authority, or belongs to an Identity', async () => {
    const authority = await found();
    const files = [
      await buildFile(authority, 1),
      await buildFile(await found(), 11),
      await buildFile(authority, 11, { uid: 'b0a1' }),
      { users: [] },
      {},
    ];
    for (const file of files)
      assert.equal(await withRenewedUsers(file, trusting(authority), nowMs), undefined);
  });
});
