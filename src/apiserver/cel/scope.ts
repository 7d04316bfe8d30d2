import type { CelValue } from './cel-value.ts';

/** The names that are known at some place, the innermost first. */
export interface Scope {
  readonly name: string;
  readonly value: CelValue;
  readonly outer?: Scope | undefined;
}
