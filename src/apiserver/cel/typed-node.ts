import type { CelType } from './cel-type.ts';
import type { CelValue } from './cel-value.ts';
import type { Overload } from './overload.ts';

export type FoldKind =
  'all' | 'exists' | 'existsOne' | 'filter' | 'map' | 'transformList' | 'transformMap' | 'transformMapEntry';

/** An expression after the check: every name is known, every call has the overloads that can be meant. */
export type TypedNode = { readonly type: CelType } & (
  | { readonly kind: 'constant'; readonly value: CelValue }
  | { readonly kind: 'variable'; readonly name: string }
  | {
      readonly kind: 'select';
      readonly operand: TypedNode;
      readonly field: string;
      readonly mode: SelectMode;
    }
  | {
      readonly kind: 'index';
      readonly operand: TypedNode;
      readonly key: TypedNode;
      readonly isOptional: boolean;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly overloads: readonly Overload[];
      readonly args: readonly TypedNode[];
    }
  | { readonly kind: 'list'; readonly items: readonly TypedItem[] }
  | { readonly kind: 'map'; readonly entries: readonly TypedEntry[] }
  | { readonly kind: 'and' | 'or'; readonly left: TypedNode; readonly right: TypedNode }
  | {
      readonly kind: 'conditional';
      readonly condition: TypedNode;
      readonly yes: TypedNode;
      readonly no: TypedNode;
    }
  | Fold
  /** Gives a value a name; `isOptMap` and the like run the body only when the optional value is there. */
  | {
      readonly kind: 'bind';
      readonly mode: 'flatMap' | 'map' | 'plain';
      readonly name: string;
      readonly value: TypedNode;
      readonly body: TypedNode;
    }
);

export type SelectMode = 'optional' | 'test' | 'value';

export interface TypedItem {
  readonly value: TypedNode;
  readonly isOptional: boolean;
}

export interface TypedEntry {
  readonly key: TypedNode;
  readonly value: TypedNode;
  readonly isOptional: boolean;
}

/** A macro that goes through a list or a map. */
export interface Fold {
  readonly kind: 'fold';
  readonly type: CelType;
  readonly fold: FoldKind;
  readonly range: TypedNode;
  /** The item, or with a second name the index; the key of a map. */
  readonly first: string;
  readonly second?: string;
  /** What decides, or which items are taken. */
  readonly predicate?: TypedNode;
  /** What an item becomes. */
  readonly body?: TypedNode;
}
