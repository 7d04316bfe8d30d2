import type { ServedKind } from '../../src/apiserver/schema/served-kind.ts';

/** A kind for tests: a namespaced custom resource `Foo` of `x.io/v1` unless told otherwise. */
export function buildKind(differences: Partial<ServedKind>): ServedKind {
  return {
    group: 'x.io',
    version: 'v1',
    kind: 'Foo',
    listKind: 'FooList',
    plural: 'foos',
    singular: 'foo',
    shortNames: [],
    categories: [],
    namespaced: true,
    schema: { type: 'object' },
    builtIn: false,
    hasGeneration: true,
    nameRule: 'subdomain',
    statusSubresource: true,
    selectableFields: [],
    columns: [],
    ...differences,
  };
}
