import type { Model } from '../operation.ts';

/** What a client asks of one object of the API. `id` names the content and is never used twice. */
export type ObjectInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'create'; readonly id: string }
  /** Replaces whatever is there. */
  | { readonly kind: 'update'; readonly id: string }
  /** Replaces exactly what has this revision. */
  | { readonly kind: 'replace'; readonly id: string; readonly expected: number }
  | { readonly kind: 'delete' };

export type ObjectOutput =
  | { readonly kind: 'found'; readonly id: string; readonly revision: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'exists' }
  /** The revision that was expected is not the object's. */
  | { readonly kind: 'conflict' }
  /** A deletion does not say at which revision. */
  | { readonly kind: 'written'; readonly revision: number | undefined };

interface ObjectState {
  readonly id: string | undefined;
  /** Of the latest write; undefined when nobody has told yet, but it is above `floor`. */
  readonly revision: number | undefined;
  readonly floor: number;
}

/**
 * An object with revisions that only rise. The answers carry revisions, so the search has little to guess, and a
 * store that goes back in time is found even when the contents would fit.
 */
export const objectModel: Model<ObjectState, ObjectInput, ObjectOutput> = {
  initial: { id: undefined, revision: 0, floor: 0 },
  step(state, input, output) {
    switch (input.kind) {
      case 'read':
        return output === undefined ? state : readState(state, output);
      case 'create':
        if (state.id !== undefined) return refuse(state, output, 'exists');
        return write(state, input.id, output);
      case 'update':
        if (state.id === undefined) return refuse(state, output, 'absent');
        return write(state, input.id, output);
      case 'replace':
        return replace(state, input, output);
      case 'delete':
        if (state.id === undefined) return refuse(state, output, 'absent');
        return write(state, undefined, output);
    }
  },
  describe: ({ id, revision, floor }) => `${id ?? '-'} ${revision ?? '?'} ${floor}`,
};

function readState(state: ObjectState, output: ObjectOutput): ObjectState | undefined {
  if (output.kind === 'absent') return state.id === undefined ? state : undefined;
  if (output.kind !== 'found' || output.id !== state.id) return undefined;
  return learnRevision(state, output.revision);
}

/** Somebody says that the latest write had this revision. */
function learnRevision(state: ObjectState, revision: number): ObjectState | undefined {
  if (state.revision !== undefined) return state.revision === revision ? state : undefined;
  return revision > state.floor ? { ...state, revision, floor: revision } : undefined;
}

function replace(
  state: ObjectState,
  { id, expected }: { readonly id: string; readonly expected: number },
  output: ObjectOutput | undefined,
): ObjectState | undefined {
  if (state.id === undefined) {
    return output === undefined || output.kind === 'absent' || output.kind === 'conflict' ? state : undefined;
  }
  const met = learnRevision(state, expected);
  if (output === undefined) return met === undefined ? state : write(met, id, output);
  if (output.kind === 'conflict') return state.revision === expected ? undefined : state;
  return met === undefined ? undefined : write(met, id, output);
}

function write(
  { revision, floor }: ObjectState,
  id: string | undefined,
  output: ObjectOutput | undefined,
): ObjectState | undefined {
  const lowest = Math.max(floor, revision ?? 0);
  if (output === undefined) return { id, revision: undefined, floor: lowest };
  if (output.kind !== 'written') return undefined;
  if (output.revision === undefined) return { id, revision: undefined, floor: lowest };
  return output.revision > lowest ? { id, revision: output.revision, floor: output.revision } : undefined;
}

/** The operation met a state in which it changes nothing: it must say so. */
function refuse(
  state: ObjectState,
  output: ObjectOutput | undefined,
  kind: ObjectOutput['kind'],
): ObjectState | undefined {
  return output === undefined || output.kind === kind ? state : undefined;
}
