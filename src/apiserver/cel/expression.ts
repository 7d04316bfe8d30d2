import type { CelUint } from './cel-value.ts';

export type Literal = CelUint | Uint8Array | bigint | boolean | number | string | null;

/** What the text of an expression says, before anybody has asked what its names and functions are. */
export type Expression = { readonly offset: number } & (
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'select';
      readonly operand: Expression;
      readonly field: string;
      readonly isOptional: boolean;
    }
  | {
      readonly kind: 'index';
      readonly operand: Expression;
      readonly key: Expression;
      readonly isOptional: boolean;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly target?: Expression;
      readonly args: readonly Expression[];
    }
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  | { readonly kind: 'map'; readonly entries: readonly MapEntry[] }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
);

/** `[?value]` and `{?key: value}` leave the entry out when the optional value is absent. */
export interface ListItem {
  readonly value: Expression;
  readonly isOptional: boolean;
}

export interface MapEntry {
  readonly key: Expression;
  readonly value: Expression;
  readonly isOptional: boolean;
}
