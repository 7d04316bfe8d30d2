import type { FieldSet } from '../sets/field-set.ts';
import type { PathElement } from '../sets/path-element.ts';
import { type FieldType, isNamedKey, typeOfStoredKey } from './field-type.ts';

/**
 * The set with every parent that the schema names. Appliers do not claim these, but who was the last to want
 * something in `spec.placement` wanted `spec.placement` too, and takes it along.
 */
export function withNamedParents(set: FieldSet, type: FieldType): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const { type: below, isNamed } = stepInto(element, type);
    const deeper = withNamedParents(child, below);
    children.set(element, isNamed && !deeper.isMember ? { ...deeper, isMember: true } : deeper);
  }
  return { isMember: set.isMember, children };
}

function stepInto(element: PathElement, type: FieldType): { type: FieldType; isNamed: boolean } {
  const name = element.startsWith('f:') ? element.slice(2) : undefined;
  if (name !== undefined && type.kind === 'map') {
    return { type: typeOfStoredKey(type, name), isNamed: isNamedKey(type, name) };
  }
  if (name === undefined && type.kind === 'keyed-list') return { type: type.item, isNamed: false };
  return { type: { kind: 'deduced' }, isNamed: false };
}
