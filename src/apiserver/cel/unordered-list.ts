import type { CelValue } from './cel-value.ts';

type List = readonly CelValue[];
/** What tells the items of a list apart: the whole item in a set, its keys in a list map. */
export type Identity = (item: CelValue) => CelValue;

const identities = new WeakMap<List, Identity>();

/** Lists that a schema declares as sets or as maps by key: their order does not matter. */
export function markUnordered(list: List, identity: Identity): List {
  identities.set(list, identity);
  return list;
}

export function isUnorderedList(list: List): boolean {
  return identities.has(list);
}

export function identityOf(list: List): Identity | undefined {
  return identities.get(list);
}
