import assert from 'node:assert/strict';
import { isApiError } from '../../../../src/api/api-error.ts';
import { applyJsonPatch } from '../../../../src/apiserver/patch/json-patch.ts';

describe('copies in a JSON patch', () => {
  it('may not double a value without end', () => {
    const doubling = Array.from({ length: 40 }, (_, step) => ({
      op: 'copy',
      from: '/spec',
      path: `/spec/copy${step}`,
    }));
    const isTooLarge = (error: unknown): boolean => isApiError(error, 'RequestEntityTooLarge');
    assert.throws(() => applyJsonPatch({ spec: { text: 'x'.repeat(100) } }, doubling), isTooLarge);
  });

  it('may be many as long as they are small', () => {
    const patch = Array.from({ length: 1000 }, (_, step) => ({ op: 'copy', from: '/a', path: `/b${step}` }));
    assert.equal(Object.keys(applyJsonPatch({ a: { b: 'c' } }, patch) as object).length, 1001);
  });
});
