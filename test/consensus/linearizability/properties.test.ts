import assert from 'node:assert/strict';
import fc from 'fast-check';

import { checkHistory } from './check.ts';
import { objectModel, type ObjectInput, type ObjectOutput } from './models/object.ts';
import type { Operation } from './operation.ts';

type ObjectOperation = Operation<ObjectInput, ObjectOutput>;

interface PlannedOperation {
  readonly kind: ObjectInput['kind'];
  /** How long before and after its instant the operation is in flight. */
  readonly lead: number;
  readonly lag: number;
  readonly isLost: boolean;
}

const planned: fc.Arbitrary<readonly PlannedOperation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('read', 'create', 'update', 'replace', 'delete'),
    lead: fc.nat({ max: 40 }),
    lag: fc.nat({ max: 40 }),
    isLost: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('linearizability: histories of a simulated object', () => {
  it('accepts whatever an object answered at one instant of each operation', () => {
    fc.assert(
      fc.property(planned, fc.nat(), (plan, seed) => {
        const { operations } = simulate(plan, seed);
        assert.equal(checkHistory(objectModel, operations).kind, 'linearizable');
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a read of something that was never written', () => {
    fc.assert(
      fc.property(planned, fc.nat(), (plan, seed) => {
        const { operations, end } = simulate(plan, seed);
        const forged = { kind: 'found', id: 'never', revision: end + 1 } as const;
        const read: ObjectOperation = buildOperation({ kind: 'read' }, forged, end * 10, end * 10 + 5);
        assert.equal(checkHistory(objectModel, [...operations, read]).kind, 'violation');
      }),
    );
  });

  it('refuses a read, after everything else, of what a later acknowledged write replaced', () => {
    fc.assert(
      fc.property(planned, fc.nat(), (plan, seed) => {
        const { operations, end, replaced } = simulate(plan, seed);
        fc.pre(replaced !== undefined);
        const stale: ObjectOutput = { kind: 'found', ...(replaced as { id: string; revision: number }) };
        const at = end * 10 + 1_000;
        const read = buildOperation({ kind: 'read' }, stale, at, at + 1);
        assert.equal(checkHistory(objectModel, [...operations, read]).kind, 'violation');
      }),
    );
  });

  it('refuses two replacements of one revision', () => {
    const operations = [
      buildOperation({ kind: 'create', id: 'a' }, { kind: 'written', revision: 1 }, 0, 1),
      buildOperation({ kind: 'replace', id: 'b', expected: 1 }, { kind: 'written', revision: 2 }, 2, 5),
      buildOperation({ kind: 'replace', id: 'c', expected: 1 }, { kind: 'written', revision: 3 }, 3, 6),
    ];
    assert.equal(checkHistory(objectModel, operations).kind, 'violation');
  });

  it('refuses a lost acknowledged write, even when an unknown one is in flight', () => {
    const operations = [
      buildOperation({ kind: 'create', id: 'a' }, { kind: 'written', revision: 1 }, 0, 1),
      buildOperation({ kind: 'update', id: 'b' }, undefined, 2, Infinity),
      buildOperation({ kind: 'update', id: 'c' }, { kind: 'written', revision: 5 }, 3, 4),
      buildOperation({ kind: 'read' }, { kind: 'found', id: 'a', revision: 1 }, 6, 7),
    ];
    assert.equal(checkHistory(objectModel, operations).kind, 'violation');
  });
});

interface Simulation {
  readonly operations: readonly ObjectOperation[];
  /** The number of instants. */
  readonly end: number;
  /** What an acknowledged write took the place of, with an acknowledged answer after it. */
  readonly replaced: { readonly id: string; readonly revision: number } | undefined;
}

/** Every operation takes effect at one instant, ten time units apart, and is in flight some time around it. */
function simulate(plan: readonly PlannedOperation[], seed: number): Simulation {
  const operations: ObjectOperation[] = [];
  let held: { id: string; revision: number } | undefined;
  let replaced: Simulation['replaced'];
  for (const [index, { kind, lead, lag, isLost }] of plan.entries()) {
    const revision = index + 1;
    // Of lost operations some take effect and some do not, which the history does not tell.
    const hasEffect = !isLost || (seed >> (index % 30)) % 2 === 0;
    const before = held;
    const input = buildInput(kind, `v${index}`, held, seed + index);
    const output = answer(input, held, revision);
    const isWrite = output.kind === 'written';
    if (isWrite && hasEffect) held = 'id' in input ? { id: input.id, revision } : undefined;
    if (isWrite && !isLost && before !== undefined) replaced = before;
    const at = (index + 1) * 10;
    operations.push(
      isLost
        ? buildOperation(input, undefined, at - lead, Infinity)
        : buildOperation(input, output, at - lead, at + lag),
    );
  }
  return { operations, end: plan.length + 1, replaced };
}

function buildInput(
  kind: ObjectInput['kind'],
  id: string,
  held: { readonly revision: number } | undefined,
  chance: number,
): ObjectInput {
  if (kind === 'read' || kind === 'delete') return { kind };
  if (kind !== 'replace') return { kind, id };
  return { kind, id, expected: chance % 3 === 0 ? chance % 7 : (held?.revision ?? 1) };
}

function answer(
  input: ObjectInput,
  held: { readonly id: string; readonly revision: number } | undefined,
  revision: number,
): ObjectOutput {
  if (input.kind === 'create') return held === undefined ? { kind: 'written', revision } : { kind: 'exists' };
  if (held === undefined) return { kind: 'absent' };
  if (input.kind === 'read') return { kind: 'found', ...held };
  if (input.kind === 'replace' && input.expected !== held.revision) return { kind: 'conflict' };
  return { kind: 'written', revision };
}

function buildOperation(
  input: ObjectInput,
  output: ObjectOutput | undefined,
  calledAt: number,
  returnedAt: number,
): ObjectOperation {
  return { key: 'k', input, output, calledAt, returnedAt };
}
