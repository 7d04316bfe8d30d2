import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  createCertificateAuthenticator,
  type CertificateAuthenticatorDeps,
} from '../../../../src/apiserver/authn/client-certificate.ts';
import { createTestPki, type IssuedCertificate, type TestPki } from '../../../support/certificates.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

/** A connection whose client has proven that it holds the key of this certificate. */
function connectionWith({ certPem }: Pick<IssuedCertificate, 'certPem'>): TLSSocket {
  const certificate = new X509Certificate(certPem);
  const entries = certificate.subject.split('\n').map((line) => line.split('=') as [string, string]);
  const socket = {
    getPeerX509Certificate: () => certificate,
    getPeerCertificate: () => ({ subject: Object.fromEntries(entries) }),
  };
  return socket as unknown as TLSSocket; // the part of it that is looked at
}

describe('apiserver/authn/client-certificate: two authorities', () => {
  const clock = new FakeClock();
  let former: TestPki;
  let next: TestPki;
  let held: { authorities: readonly string[] };

  before(async () => {
    former = await createTestPki(clock.now());
    next = await createTestPki(clock.now());
  });
  beforeEach(() => {
    held = { authorities: [former.caPem] };
  });

  function authenticate(more: Partial<CertificateAuthenticatorDeps> = {}) {
    return createCertificateAuthenticator({
      ...{ authorities: () => held.authorities, clock, identities: { find: () => undefined } },
      ...more,
    });
  }

  it('takes what either has signed, and ends a connection whose authority has ceased to count', async () => {
    const whoIs = authenticate();
    const [old, young] = [
      await former.issueClient('ada', ['staff']),
      await next.issueClient('bob', ['staff']),
    ];
    const [oldSocket, youngSocket] = [connectionWith(old), connectionWith(young)];
    assert.equal(whoIs(oldSocket).name, 'ada');
    assert.throws(() => whoIs(youngSocket), /Unauthorized/);
    held.authorities = [next.caPem, former.caPem];
    assert.equal(whoIs(oldSocket).name, 'ada');
    assert.equal(whoIs(youngSocket).name, 'bob');
    held.authorities = [next.caPem];
    assert.throws(() => whoIs(oldSocket), /Unauthorized/);
    assert.equal(whoIs(youngSocket).name, 'bob');
  });

  it('knows a member by its key, whoever has signed its certificate, and as no more than a member', async () => {
    const n1 = await next.issueMember('n1');
    const isMemberKey = (name: string, sha256: string) => name === 'n1' && sha256 === n1.publicKeySha256;
    const whoIs = authenticate({ isMemberKey });
    const { name, groups } = whoIs(connectionWith(n1));
    assert.deepEqual([name, groups], ['system:member:n1', ['system:members', 'system:authenticated']]);
    for (const stranger of [
      await next.issueMember('n2'),
      await next.issueMember('n1'),
      await next.issueClient('system:member:n1', ['system:masters']),
      await next.issueClient('root', ['system:masters']),
    ]) {
      assert.throws(() => whoIs(connectionWith(stranger)), /Unauthorized/);
    }
  });

  it('takes nobody by a key where keys of members are not known', async () => {
    const n1 = await next.issueMember('n1');
    assert.throws(() => authenticate()(connectionWith(n1)), /Unauthorized/);
  });
});
