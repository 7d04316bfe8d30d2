import type { FieldSet } from '../sets/field-set.ts';
import type { PathElement } from '../sets/path-element.ts';
import { type FieldType, stepInto } from './field-type.ts';

/**
 * The set with every parent that the schema names. Appliers do not claim these, but who was the last to want
 * something in `spec.placement` wanted `spec.placement` too, and takes it along.
 */
export function withNamedParents(set: FieldSet, type: FieldType): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const { type: below, isNamed } = stepInto(type, element);
    const deeper = withNamedParents(child, below);
    children.set(element, isNamed && !deeper.isMember ? { ...deeper, isMember: true } : deeper);
  }
  return { isMember: set.isMember, children };
}
