import type { ServedKind } from '../served-kind.ts';

type Optional =
  | 'categories'
  | 'columns'
  | 'hasGeneration'
  | 'listKind'
  | 'nameRule'
  | 'selectableFields'
  | 'shortNames'
  | 'singular'
  | 'statusSubresource';

type BuiltInKind = Omit<ServedKind, Optional | 'builtIn'> & Partial<Pick<ServedKind, Optional>>;

/** Fills in what most built-in kinds have in common. */
export function builtInKind(kind: BuiltInKind): ServedKind {
  return {
    listKind: `${kind.kind}List`,
    singular: kind.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    columns: [],
    hasGeneration: false,
    nameRule: 'subdomain',
    selectableFields: [],
    statusSubresource: false,
    ...kind,
    builtIn: true,
  };
}
