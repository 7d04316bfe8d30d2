import assert from 'node:assert/strict';
import { apiError, isApiError } from '../../../src/api/api-error.ts';

describe('API errors', () => {
  it('carry the code of their reason', () => {
    assert.equal(apiError('Conflict', 'no').code, 409);
    assert.equal(apiError('Invalid', 'no').code, 422);
  });

  it('leave out what is empty in their details', () => {
    const { status } = apiError('NotFound', 'no', { name: 'a', group: '', kind: 'configmaps' });
    assert.deepEqual(status.details, { name: 'a', kind: 'configmaps' });
    const causes = [{ reason: 'FieldValueInvalid', message: 'no', field: '' }];
    assert.deepEqual(apiError('Invalid', 'no', { name: '', group: 'b', causes }).status.details, {
      group: 'b',
      causes,
    });
  });

  it('are told by their reasons', () => {
    const error = apiError('NotFound', 'no');
    assert.equal(isApiError(error), true);
    assert.equal(isApiError(error, 'Conflict', 'NotFound'), true);
    assert.equal(isApiError(error, 'Conflict'), false);
    assert.equal(isApiError(new Error('no')), false);
  });
});
