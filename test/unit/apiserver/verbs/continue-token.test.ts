import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { formatContinueToken, parseContinueToken } from '../../../../src/apiserver/verbs/continue-token.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('apiserver/verbs/continue-token', () => {
  it('reads what it wrote', () => {
    const token = { revision: 41, after: 'default/web-1' };
    assert.deepEqual(parseContinueToken(formatContinueToken(token)), token);
  });

  const refused = [
    { name: 'garbage', text: '%%%' },
    { name: 'a token of another server', text: encode({ v: 'meta.k8s.io/v1', rv: 1, start: 'a' }) },
    { name: 'a token without a revision', text: encode({ v: 'muster/v1', after: 'a' }) },
    { name: 'a token without a key', text: encode({ v: 'muster/v1', rv: 1, after: '' }) },
    { name: 'a key that climbs', text: encode({ v: 'muster/v1', rv: 1, after: '../secrets/x' }) },
  ];
  for (const { name, text } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => parseContinueToken(text),
        (error) => isApiError(error, 'BadRequest'),
      );
    });
  }
});
