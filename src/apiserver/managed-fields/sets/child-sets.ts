import { emptySet, type FieldSet, isEmptySet, leafSet } from './field-set.ts';
import type { PathElement } from './path-element.ts';

/** Puts a set together from what is below it; nothing is made as long as nothing comes. */
export class ChildSets {
  #children: Map<PathElement, FieldSet> | undefined;

  add(element: PathElement, set: FieldSet): void {
    if (isEmptySet(set)) return;
    this.#children ??= new Map();
    this.#children.set(element, set);
  }

  /** The set; `isMember` tells whether the place itself is in it. */
  build(isMember: boolean): FieldSet {
    const children = this.#children;
    if (children !== undefined) return { isMember, children };
    return isMember ? leafSet : emptySet;
  }
}

export function asMember(set: FieldSet): FieldSet {
  if (set.isMember) return set;
  return set.children.size === 0 ? leafSet : { isMember: true, children: set.children };
}
