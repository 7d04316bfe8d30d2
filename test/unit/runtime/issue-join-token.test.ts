import assert from 'node:assert/strict';

import { members } from '../../../src/api/generated/resources.ts';
import { issueJoinToken } from '../../../src/runtime/issue-join-token.ts';
import { createPrivateKeyPem } from '../../../src/daemon/pki/key-pair.ts';
import { createAuthority } from '../../../src/daemon/pki/certificates.ts';
import { buildMember } from '../../support/build-objects.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryClusterApi } from '../../support/memory-cluster-api.ts';

describe('runtime/issue-join-token', () => {
  it('waits for the first member, whose address the token needs', async () => {
    const clusterApi = new MemoryClusterApi();
    const clock = new FakeClock(Date.now());
    const caPem = await createAuthority('test', createPrivateKeyPem(), Date.now());
    const token = issueJoinToken({ clusterApi, caPem, clock }, 'n2', new AbortController().signal);
    await clock.advance(500);
    const member = buildMember('n1');
    await clusterApi.create(members, member);
    for (let round = 0; round < 20; round += 1) await clock.advance(500);
    assert.deepEqual((await token).addresses, [member.spec.address]);
  });
});
