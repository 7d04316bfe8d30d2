import type { Model } from '../operation.ts';

export interface TextInput {
  readonly kind: 'append' | 'get' | 'put';
  readonly value: string;
}

export interface TextOutput {
  readonly value: string;
}

/** One text that can be read, replaced and added to. */
export const textModel: Model<string, TextInput, TextOutput> = {
  initial: '',
  step(text, { kind, value }, output) {
    switch (kind) {
      case 'get':
        return output === undefined || output.value === text ? text : undefined;
      case 'put':
        return value;
      case 'append':
        return text + value;
    }
  },
  describe: (text) => text,
};
