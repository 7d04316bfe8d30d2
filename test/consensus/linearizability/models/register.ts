import type { Model } from '../operation.ts';

export type RegisterInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: number }
  | { readonly kind: 'cas'; readonly from: number; readonly to: number };

export type RegisterOutput =
  | { readonly kind: 'read'; readonly value: number | undefined }
  | { readonly kind: 'written' }
  | { readonly kind: 'cas'; readonly isDone: boolean };

interface RegisterState {
  readonly value: number | undefined;
}

/** One number that can be read, written, and changed if it is what one thinks it is. */
export const registerModel: Model<RegisterState, RegisterInput, RegisterOutput> = {
  initial: { value: undefined },
  step(state, input, output) {
    switch (input.kind) {
      case 'read':
        return output?.kind !== 'read' || output.value === state.value ? state : undefined;
      case 'write':
        return { value: input.value };
      case 'cas': {
        const isDone = state.value === input.from;
        if (output?.kind === 'cas' && output.isDone !== isDone) return undefined;
        return isDone ? { value: input.to } : state;
      }
    }
  },
  describe: ({ value }) => String(value),
};
