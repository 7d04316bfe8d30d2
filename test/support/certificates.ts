import {
  createAuthority,
  signClientCertificate,
  signMemberCertificate,
} from '../../src/daemon/pki/certificates.ts';
import { createPrivateKeyPem, publicKeyPemOf } from '../../src/daemon/pki/key-pair.ts';
import { publicKeySha256 } from '../../src/consensus/link/pinned-tls.ts';

export interface IssuedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
  readonly publicKeySha256: string;
}

export interface TestPki {
  readonly caPem: string;
  readonly caKeyPem: string;
  issueMember(name: string, host?: string): Promise<IssuedCertificate>;
  issueClient(user: string, groups: readonly string[]): Promise<IssuedCertificate>;
}

/** A throw-away authority, made with the same code as a cluster's own. Certificates last ten years from `nowMs`. */
export async function createTestPki(nowMs = Date.now()): Promise<TestPki> {
  const caKeyPem = createPrivateKeyPem();
  const caPem = await createAuthority('test', caKeyPem, nowMs);
  const authority = { certPem: caPem, keyPem: caKeyPem };
  const complete = (keyPem: string, certPem: string): IssuedCertificate => ({
    certPem,
    keyPem,
    publicKeySha256: publicKeySha256(certPem),
  });
  return {
    caPem,
    caKeyPem,
    async issueMember(name, host = '127.0.0.1') {
      const keyPem = createPrivateKeyPem();
      const request = { name, hosts: [host], publicKeyPem: publicKeyPemOf(keyPem) };
      return complete(keyPem, await signMemberCertificate(authority, request, nowMs));
    },
    async issueClient(user, groups) {
      const keyPem = createPrivateKeyPem();
      const request = { user, groups, publicKeyPem: publicKeyPemOf(keyPem) };
      return complete(keyPem, await signClientCertificate(authority, request, nowMs));
    },
  };
}
