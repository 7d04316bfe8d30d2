import assert from 'node:assert/strict';
import { isEqual } from '../../../../src/apiserver/cel/equality.ts';
import { typeOf } from '../../../../src/apiserver/cel/cel-value.ts';
import { formatType } from '../../../../src/apiserver/cel/cel-type.ts';
import { type Vector, isOutOfScope, readValue, runVector, vectorsOf } from './conformance-vectors.ts';

/** What Kubernetes offers to rules, and we claim. */
const claimed = [
  'basic',
  'bindings_ext',
  'comparisons',
  'conversions',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'macros2',
  'optionals',
  'parse',
  'plumbing',
  'string',
  'string_ext',
  'timestamps',
];

/** Where we differ, and mean to. */
const deviations = new Set([
  // Numbers of different types are compared exactly, and not after rounding one of them.
  'comparisons/gt_literal/not_gt_dyn_big_double_int',
  'comparisons/gte_literal/gte_dyn_int_big_lossy_double',
  'comparisons/lt_literal/not_lt_dyn_int_big_lossy_double',
  'comparisons/lte_literal/lte_dyn_big_double_int',
  // Names with dots for variables: rules have `self` and `oldSelf`.
  'fields/qualified_identifier_resolution/ident_with_longest_prefix_check',
  'fields/qualified_identifier_resolution/map_field_select',
  'fields/qualified_identifier_resolution/qualified_ident',
  // Halves are rounded away from zero.
  'string_ext/format/format_%f_halfway_truncate_to_nearest_even',
]);

describe('apiserver/cel: the conformance vectors of cel-spec', () => {
  for (const name of claimed) {
    it(`passes ${name}`, () => {
      const vectors = vectorsOf(name).filter(({ vector }) => !isOutOfScope(vector));
      const broken = vectors.filter(({ path, vector }) => !deviations.has(path) && !isPassed(vector));
      assert.deepEqual(
        broken.map(({ path }) => path),
        [],
      );
      assert.ok(vectors.length > 0);
    });
  }
});

function isPassed(vector: Vector): boolean {
  const wanted = vector.value === undefined ? true : readValue(vector.value);
  try {
    const found = runVector(vector);
    if (vector.evalError !== undefined) return false;
    if (Number.isNaN(wanted)) return Number.isNaN(found);
    return isEqual(found, wanted) && formatType(typeOf(found)) === formatType(typeOf(wanted));
  } catch {
    // Which error it is, is not part of the vectors.
    return vector.evalError !== undefined;
  }
}
