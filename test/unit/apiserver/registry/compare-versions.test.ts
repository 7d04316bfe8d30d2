import assert from 'node:assert/strict';
import { compareVersions } from '../../../../src/apiserver/registry/compare-versions.ts';

describe('apiserver/registry/compare-versions', () => {
  it('puts stable before beta before alpha, new before old, and others last', () => {
    const want = ['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1beta1', 'v1alpha1', 'bar', 'foo1'];
    assert.deepEqual(want.toReversed().toSorted(compareVersions), want);
  });
});
