import type { KindSchema } from '../schema/kind-schema.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import type { Tabulator } from '../table/table.ts';
import type { ObjectCodec } from './object-codec.ts';

/** One kind in one version, ready to be served: its description, its schema and its place in the store. */
export interface ResourceKind {
  readonly served: ServedKind;
  readonly schema: KindSchema;
  readonly prefix: string;
  readonly apiVersion: string;
  readonly codec: ObjectCodec;
  readonly tabulator: Tabulator;
  readonly rules: KindRules;
  /** The CRD that it comes from; absent for built-in kinds. */
  readonly definition?: { readonly name: string; readonly isTerminating: boolean };
}

/** Where kinds differ in ways that their data does not say. The defaults are those of custom resources. */
export interface KindRules {
  /** A PUT may come without resourceVersion and then overwrites whatever is there. */
  readonly canUpdateUnconditionally: boolean;
  /** A PUT of an absent name creates it. */
  readonly canCreateOnUpdate: boolean;
}

/** `instances.muster.dev`, or `configmaps` in the core group: what messages call the kind. */
export function qualifiedResource({ group, plural }: ServedKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}

export function resourceDetails(
  { group, plural }: ServedKind,
  name?: string,
): { name?: string; group: string; kind: string } {
  return { ...(name === undefined ? {} : { name }), group, kind: plural };
}
