import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isApiError } from '../../../../src/api/api-error.ts';
import { withoutServerOwned } from '../../../../src/apiserver/managed-fields/server-owned.ts';
import {
  isEmptySet,
  listPaths,
  subtract,
  type FieldSet,
} from '../../../../src/apiserver/managed-fields/sets/field-set.ts';
import { encodeFields, parseFields } from '../../../../src/apiserver/managed-fields/sets/fields-v1.ts';
import { formatPath } from '../../../../src/apiserver/managed-fields/sets/path-element.ts';
import { compareValues } from '../../../../src/apiserver/managed-fields/typed/compare-values.ts';
import { fieldSetOf } from '../../../../src/apiserver/managed-fields/typed/field-set-of.ts';
import { mergeValues } from '../../../../src/apiserver/managed-fields/typed/merge-values.ts';
import { typeOfObject, type FieldType } from '../../../../src/apiserver/managed-fields/typed/field-type.ts';
import type { JsonObject } from '../../../../src/apiserver/schema/json-object.ts';
import type { OpenApiSchema } from '../../../../src/apiserver/schema/open-api-schema.ts';
import { compileKindSchema } from '../../../../src/apiserver/schema/kind-schema.ts';
import { createApplyBench, type ApplyBench } from '../../../support/apply-bench.ts';
import { buildKind } from '../../../support/build-kind.ts';
import { randomKind, type RandomType } from '../../../support/random-schema.ts';

interface Step {
  readonly manager: string;
  readonly content: JsonObject;
  readonly isApply: boolean;
  readonly force: boolean;
}

function steps({ values }: RandomType, managers: readonly string[]): fc.Arbitrary<Step[]> {
  const step = fc.record({
    manager: fc.constantFrom(...managers),
    content: values as fc.Arbitrary<JsonObject>,
    force: fc.boolean(),
  });
  // Names of appliers begin with "m".
  const complete = step.map((given) => ({ ...given, isApply: given.manager.startsWith('m') }));
  return fc.array(complete, { minLength: 1, maxLength: 8 });
}

const history = (...managers: string[]): fc.Arbitrary<{ schema: OpenApiSchema; history: Step[] }> =>
  randomKind.chain((type) => steps(type, managers).map((made) => ({ schema: type.schema, history: made })));

/** Whether it was done; a conflict is a legal answer to an apply without force. */
function run(bench: ApplyBench, { manager, content, isApply, force }: Step): boolean {
  if (!isApply) {
    bench.update(manager, ({ metadata }) => ({ metadata, ...structuredClone(content) }));
    return true;
  }
  try {
    bench.apply(manager, structuredClone(content), { force });
    return true;
  } catch (error) {
    assert.ok(isApiError(error, 'Conflict'), String(error));
    return false;
  }
}

function owned(bench: ApplyBench, manager: string): FieldSet {
  const fields = parseFields(bench.fieldsOf(manager) ?? {});
  assert.ok(fields !== undefined, `fields of ${manager}`);
  return fields;
}

/** Every path that exists: leaves, and all that lies above them. */
function existing(object: JsonObject, type: FieldType): FieldSet {
  return compareValues({}, object, type).added;
}

function snapshot({ object, managedFields }: ApplyBench): unknown {
  return structuredClone({ object, managedFields });
}

const format = (set: FieldSet): string[] => listPaths(set).map(formatPath);

describe('apiserver/managed-fields ownership', function () {
  this.timeout(30_000);
  const runs = { numRuns: 120 };

  it('lets nobody own what is not there, and keeps objects valid', () => {
    const property = fc.property(history('m1', 'm2', 'u1', 'u2'), ({ schema, history: made }) => {
      const bench = createApplyBench(schema);
      const type = typeOfObject(schema);
      const kind = compileKindSchema(buildKind({ schema, namespaced: false }));
      for (const step of made) {
        run(bench, step);
        const paths = existing(bench.object, type);
        for (const { manager, fieldsV1 } of bench.managedFields) {
          const dangling = subtract(parseFields(fieldsV1) ?? paths, paths);
          assert.deepEqual(format(dangling), [], `${manager} owns what is not there`);
        }
        assert.deepEqual(kind.validate(bench.object), []);
      }
    });
    fc.assert(property, { numRuns: 25 }); // each schema is compiled to a validator, which takes long
  });

  it('makes the set of an applier what it applied, and the object what it wants', () => {
    const property = fc.property(history('m1', 'm2', 'u1'), ({ schema, history: made }) => {
      const bench = createApplyBench(schema);
      const type = typeOfObject(schema);
      for (const step of made) {
        if (!run(bench, step) || !step.isApply) continue;
        const intent = withoutServerOwned(fieldSetOf(step.content, type));
        assert.deepEqual(format(owned(bench, step.manager)), format(intent));
        const wanted = mergeValues(bench.object, step.content, type) as JsonObject;
        const complete = compileKindSchema(buildKind({ schema })).applyDefaults(wanted);
        const { added, changed, removed } = compareValues(bench.object, complete, type);
        assert.deepEqual([added, changed, removed].flatMap(format), []);
      }
    });
    fc.assert(property, runs);
  });

  it('changes nothing when the same is applied again', () => {
    const property = fc.property(history('m1', 'm2', 'u1'), ({ schema, history: made }) => {
      const bench = createApplyBench(schema);
      for (const step of made) {
        if (!run(bench, step) || !step.isApply) continue;
        // Empty lists claim nothing; an object that nobody owns begins anew with each apply.
        if (bench.managedFields.length === 0) continue;
        const before = snapshot(bench);
        assert.ok(run(bench, step), 'the second time is no conflict');
        assert.deepEqual(snapshot(bench), before);
      }
    });
    fc.assert(property, runs);
  });

  it('takes nothing from other appliers without force, and with force only what is applied', () => {
    const property = fc.property(history('m1', 'm2', 'm3'), ({ schema, history: made }) => {
      const bench = createApplyBench(schema);
      const type = typeOfObject(schema);
      for (const step of made) {
        const others = ['m1', 'm2', 'm3'].filter((name) => name !== step.manager);
        const before = others.map((name) => owned(bench, name));
        if (!run(bench, step)) continue;
        const allowed = step.force ? fieldSetOf(step.content, type) : undefined;
        for (const [index, name] of others.entries()) {
          const lost = subtract(before[index] ?? owned(bench, name), owned(bench, name));
          const unasked = allowed === undefined ? lost : withoutReplaced(lost, allowed);
          assert.deepEqual(format(unasked), [], `${name} lost fields to ${step.manager}`);
        }
      }
    });
    fc.assert(property, runs);
  });

  it('comes to the same for two appliers without conflict, whoever is first', () => {
    const pairs = randomKind.chain(({ schema, values }) =>
      fc.record({ schema: fc.constant(schema), first: values, second: values }),
    );
    const property = fc.property(pairs, ({ schema, first, second }) => {
      fc.pre(!hasEmptyList(first) && !hasEmptyList(second));
      const [left, right] = [createApplyBench(schema), createApplyBench(schema)];
      const apply = (bench: ApplyBench, manager: string, content: unknown): boolean =>
        run(bench, { manager, content: content as JsonObject, isApply: true, force: false });
      const isFree = apply(left, 'm1', first) && apply(left, 'm2', second);
      assert.equal(apply(right, 'm2', second) && apply(right, 'm1', first), isFree);
      if (!isFree) return;
      const { added, changed, removed } = compareValues(left.object, right.object, typeOfObject(schema));
      assert.deepEqual([added, changed, removed].flatMap(format), []);
      for (const name of ['m1', 'm2']) assert.deepEqual(left.fieldsOf(name), right.fieldsOf(name));
    });
    fc.assert(property, runs);
  });

  it('leaves nothing of an applier that gives up everything it alone had', () => {
    const property = fc.property(history('m1'), ({ schema, history: made }) => {
      fc.pre(!hasEmptyList(made));
      const bench = createApplyBench(schema);
      for (const step of made) run(bench, step);
      bench.apply('m1', {});
      assert.deepEqual([bench.object['spec'], bench.managedFields], [undefined, []]);
    });
    fc.assert(property, runs);
  });

  it('reads back the fields that it has written', () => {
    const property = fc.property(history('u1'), ({ schema, history: made }) => {
      const type = typeOfObject(schema);
      for (const { content } of made) {
        for (const set of [existing(content, type), fieldSetOf(content, type)]) {
          const text = JSON.stringify(encodeFields(set));
          const read = parseFields(JSON.parse(text));
          assert.deepEqual(read && format(read), format(set));
          assert.equal(isEmptySet(set), text === '{}');
        }
      }
    });
    fc.assert(property, runs);
  });
});

/** An empty list claims nothing, so it stays when its applier goes. */
function hasEmptyList(value: unknown): boolean {
  return JSON.stringify(value).includes('[]');
}

/** What is neither applied itself nor below or above something that is: a leaf replaces whatever was there. */
function withoutReplaced(lost: FieldSet, applied: FieldSet): FieldSet {
  const appliedPaths = listPaths(applied).map((path) => path.join('\n'));
  const children = listPaths(lost).filter((path) => {
    const text = path.join('\n');
    return !appliedPaths.some((other) => text.startsWith(other) || other.startsWith(text));
  });
  return children.length === 0 ? { isMember: false, children: new Map() } : lost;
}
