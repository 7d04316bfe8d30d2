import assert from 'node:assert/strict';
import { musterApiVersion } from '../../../../src/api/meta.ts';
import { certificates } from '../../../../src/reconcilers/cluster/certificates.ts';
import { buildCondition, buildMember } from '../../../support/build-objects.ts';

const { signal } = new AbortController();

describe('reconcilers/cluster/certificates', () => {
  const cluster = {
    apiVersion: musterApiVersion,
    kind: 'Cluster' as const,
    metadata: { name: 'cluster' as const },
    spec: {},
    status: {},
  };
  const expiring = buildCondition('CertificateValid', {
    status: 'False',
    reason: 'ExpiresInSevenDays',
    message: 'it is valid until Friday',
  });
  const member = (name: string, ...conditions: readonly ReturnType<typeof buildCondition>[]) =>
    buildMember(name, { status: { conditions: [...conditions] } });

  it('is content while nobody complains', async () => {
    const fine = buildCondition('CertificateValid', { status: 'True' });
    const outcome = await certificates.run(
      cluster,
      { listMembers: () => [member('n1', fine), member('n2')] },
      signal,
    );
    assert.equal(outcome.kind, 'settled');
  });

  it('names every member of a trouble, and each trouble once', async () => {
    const listMembers = () => [member('n1', expiring), member('n2'), member('n3', expiring)];
    const outcome = await certificates.run(cluster, { listMembers }, signal);
    assert.deepEqual(outcome, {
      kind: 'blocked',
      reason: 'ExpiresInSevenDays',
      message: 'n1, n3: it is valid until Friday',
    });
  });
});
