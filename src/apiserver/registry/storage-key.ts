/** Every object of a kind lies below its prefix: `/registry/<group or core>/<plural>/[<namespace>/]<name>`. */
export function storagePrefix(group: string, plural: string): string {
  return `/registry/${group === '' ? 'core' : group}/${plural}/`;
}

export const namespacePrefix = storagePrefix('', 'namespaces');
export const eventPrefix = storagePrefix('', 'events');
export const definitionPrefix = storagePrefix('apiextensions.k8s.io', 'customresourcedefinitions');

export interface ObjectPlace {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export function storageKey(prefix: string, { namespace, name }: ObjectPlace): string {
  return namespace === undefined ? prefix + name : `${prefix}${namespace}/${name}`;
}
