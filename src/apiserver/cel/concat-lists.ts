import type { CelValue } from './cel-value.ts';
import { isEqual } from './equality.ts';
import { identityOf, markUnordered } from './unordered-list.ts';

type List = readonly CelValue[];

/**
 * Sets unite, and lists by key are merged with the right side's items in the places of their namesakes: so rules can
 * say what an update adds. All other lists follow one another.
 */
export function concatLists(left: List, right: List): List {
  const identity = identityOf(left);
  if (identity === undefined) return [...left, ...right];
  const isSame = (one: CelValue, other: CelValue): boolean => isEqual(identity(one), identity(other));
  const kept = left.map((item) => right.find((other) => isSame(item, other)) ?? item);
  const added = right.filter((other) => !left.some((item) => isSame(item, other)));
  return markUnordered([...kept, ...added], identity);
}
