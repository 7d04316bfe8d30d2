import type { Path, PathElement } from './path-element.ts';

/**
 * A set of paths, as a tree. Owning a node says nothing about what is below it: `isMember` is the node itself, the
 * children are further paths through it. No child is ever empty. Sets are shared, so nobody may change a finished one.
 */
export interface FieldSet {
  readonly isMember: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

const noChildren: ReadonlyMap<PathElement, FieldSet> = new Map();
export const emptySet: FieldSet = { isMember: false, children: noChildren };
/** A member with nothing below it, which most nodes are: one for all of them. */
export const leafSet: FieldSet = { isMember: true, children: noChildren };

export function isEmptySet({ isMember, children }: FieldSet): boolean {
  return !isMember && children.size === 0;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  const children = new Map(left.children);
  for (const [element, child] of right.children) {
    const twin = children.get(element);
    children.set(element, twin === undefined ? child : union(twin, child));
  }
  return { isMember: left.isMember || right.isMember, children };
}

/** The paths of `left` that are not in `right`; the very same set when there is nothing to take out. */
export function subtract(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right) || isEmptySet(left)) return left;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, taken] of right.children) {
    const child = left.children.get(element);
    if (child === undefined) continue;
    const rest = subtract(child, taken);
    if (rest === child) continue;
    children ??= new Map(left.children);
    if (isEmptySet(rest)) children.delete(element);
    else children.set(element, rest);
  }
  const isMember = left.isMember && !right.isMember;
  if (children === undefined && isMember === left.isMember) return left;
  return { isMember, children: children ?? left.children };
}

/** The paths of `left` that are neither in `right` nor below one of its members. */
export function subtractTrees(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of left.children) {
    const taken = right.children.get(element);
    if (taken?.isMember === true) continue;
    const rest = taken === undefined ? child : subtractTrees(child, taken);
    if (!isEmptySet(rest)) children.set(element, rest);
  }
  return { isMember: left.isMember && !right.isMember, children };
}

export function intersect(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left) || isEmptySet(right)) return emptySet;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of left.children) {
    const twin = right.children.get(element);
    const common = twin === undefined ? emptySet : intersect(child, twin);
    if (!isEmptySet(common)) children.set(element, common);
  }
  return { isMember: left.isMember && right.isMember, children };
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  if (left.isMember !== right.isMember || left.children.size !== right.children.size) return false;
  return [...left.children].every(([element, child]) => {
    const twin = right.children.get(element);
    return twin !== undefined && equalSets(child, twin);
  });
}

/** All paths of the set in a stable order, a node before what is below it. */
export function listPaths(set: FieldSet, prefix: Path = []): Path[] {
  const below = [...set.children]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([element, child]) => listPaths(child, [...prefix, element]));
  return set.isMember ? [prefix, ...below] : below;
}
