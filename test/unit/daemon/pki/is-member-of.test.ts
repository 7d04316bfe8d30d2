import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { isMemberOf } from '../../../../src/daemon/pki/is-member-of.ts';
import { createTestPki } from '../../../support/certificates.ts';

describe('daemon/pki/is-member-of', () => {
  it('knows a member by the signature of an authority that counts, at the time when it is asked', async () => {
    const [former, next] = [await createTestPki(), await createTestPki()];
    const held = { authorities: [former.caPem] };
    const isMember = isMemberOf({ authorities: () => held.authorities });
    const young = new X509Certificate((await next.issueMember('n1')).certPem);
    assert.equal(isMember(young), false);
    held.authorities = [former.caPem, next.caPem];
    assert.equal(isMember(young), true);
    const person = new X509Certificate((await next.issueClient('ada', ['staff'])).certPem);
    assert.equal(isMember(person), false);
  });

  it('knows it by its key where nobody that it knows vouches for it', async () => {
    const [own, elsewhere] = [await createTestPki(), await createTestPki()];
    const known = await elsewhere.issueMember('n1');
    const isMember = isMemberOf({
      authorities: () => [own.caPem],
      isKnownKey: (publicKeySha256) => publicKeySha256 === known.publicKeySha256,
    });
    assert.equal(isMember(new X509Certificate(known.certPem)), true);
    assert.equal(isMember(new X509Certificate((await elsewhere.issueMember('n1')).certPem)), false);
  });
});
