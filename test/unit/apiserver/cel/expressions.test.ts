import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CelBudget } from '../../../../src/apiserver/cel/cel-budget.ts';
import {
  CelBudgetError,
  CelCompileError,
  CelEvaluationError,
} from '../../../../src/apiserver/cel/cel-error.ts';
import { compileCel } from '../../../../src/apiserver/cel/cel-program.ts';
import type { CelValue } from '../../../../src/apiserver/cel/cel-value.ts';
import { celTypes, listOf } from '../../../../src/apiserver/cel/cel-type.ts';

const variables = new Map([
  ['n', celTypes.int],
  ['s', celTypes.string],
  ['l', listOf(celTypes.int)],
  ['d', celTypes.dyn],
]);
const values = new Map<string, CelValue>([
  ['n', 3n],
  ['s', 'abc'],
  ['l', [1n, 2n, 3n]],
  ['d', 'x'],
]);

/** Expressions that are well-formed, and mostly of some type. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('n', 's', 'l', 'd', '1', '2.5', "'a'", 'true', 'null', '[]', "{'a': 1}", 'x'),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '==', '<', '&&', '||', 'in', '/', '%'),
        tie('expression'),
      )
      .map(([a, sign, b]) => `(${a} ${sign} ${b})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('all', 'exists', 'map', 'filter', 'exists_one'),
        tie('expression'),
      )
      .map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}[${b}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}.matches(${b})`),
    tie('expression').map((a) => `size(${a})`),
    tie('expression').map((a) => `string(${a})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}));

describe('apiserver/cel: any expression', function () {
  this.timeout(20_000);

  it('compiles or says why not, and then ends in a value, an error or an empty budget', () => {
    let compiledCount = 0;
    fc.assert(
      fc.property(fc.oneof(expression, fc.string(), fc.string({ unit: 'binary' })), (source) => {
        try {
          const program = compileCel(source, variables);
          assert.ok(program.maxCost >= 0);
          compiledCount += 1;
          program.evaluate(values, new CelBudget(10_000));
        } catch (error) {
          const isExpected =
            error instanceof CelCompileError ||
            error instanceof CelEvaluationError ||
            error instanceof CelBudgetError;
          if (!isExpected) throw error;
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(compiledCount > 20);
  });

  it('never costs more than was estimated', () => {
    fc.assert(
      fc.property(fc.nat(50), (length) => {
        const list = Array.from({ length }, (_item, index) => BigInt(index));
        const type = { kind: 'list', element: celTypes.int, maxSize: 50 } as const;
        const source = 'l.all(a, l.exists(b, a == b)) && l.map(a, a * 2).size() >= l.filter(a, a > 3).size()';
        const program = compileCel(source, new Map([['l', type]]));
        const budget = new CelBudget(1_000_000);
        program.evaluate(new Map([['l', list]]), budget);
        assert.ok(1_000_000 - budget.remaining <= program.maxCost);
      }),
    );
  });

  it('refuses what is nested too deeply, in time', () => {
    for (const source of [
      '('.repeat(10_000),
      '!'.repeat(10_000),
      `${'1+'.repeat(5_000)}1`,
      'a' + '.b'.repeat(5_000),
      '['.repeat(9_000),
    ]) {
      assert.throws(() => compileCel(source, variables), CelCompileError);
    }
  });
});
