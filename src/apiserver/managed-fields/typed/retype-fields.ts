import { type FieldSet, leafSet } from '../sets/field-set.ts';
import type { PathElement } from '../sets/path-element.ts';
import { stepInto, type FieldType } from './field-type.ts';

/**
 * A field that was a map or a list of many fields may be a single one in a newer schema: who owned anything in it owns
 * it now. (The other way round nothing is done: an owner of the whole keeps the name of the whole.) The very same set
 * when its paths are right.
 */
export function retypeFields(set: FieldSet, type: FieldType): FieldSet {
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    if (child.children.size === 0) continue;
    const below = stepInto(type, element).type;
    const retyped = isWhole(below) ? leafSet : retypeFields(child, below);
    if (retyped === child) continue;
    children ??= new Map(set.children);
    children.set(element, retyped);
  }
  return children === undefined ? set : { isMember: set.isMember, children };
}

function isWhole(type: FieldType): boolean {
  return type.kind === 'leaf' && type.shape !== 'any';
}
