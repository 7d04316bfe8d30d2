import type { KindRegistry } from '../registry/kind-registry.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import { type FieldType, typeOfObject } from './typed/field-type.ts';

/** The types of a kind in a version; undefined when that version is not served (any more). */
export type FindType = (apiVersion: string) => FieldType | undefined;

/** Objects keep their fields between versions, but each version may type them in its own way. */
export function typesOfKind(registry: Pick<KindRegistry, 'find'>, kind: ResourceKind): FindType {
  return (apiVersion) => {
    if (apiVersion === kind.apiVersion) return typeOfObject(kind.served.schema);
    const { group, plural } = kind.served;
    const slash = apiVersion.indexOf('/');
    if ((slash < 0 ? '' : apiVersion.slice(0, slash)) !== group) return undefined;
    const other = registry.find(group, apiVersion.slice(slash + 1), plural);
    return other === undefined ? undefined : typeOfObject(other.served.schema);
  };
}
