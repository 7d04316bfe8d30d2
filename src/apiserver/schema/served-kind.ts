import type { StatusCause } from '../../api/api-error.ts';
import type { JsonObject } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';

/** Which names an object of the kind may have. */
export type NameRule = 'label' | 'path-segment' | 'subdomain';

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** One kind in one version, as discovery, OpenAPI, tables and validation need it: built in or from a CRD. */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly schema: OpenApiSchema;
  /** Built-in kinds take strategic merge patches, may lack `kind` in a POST, and need no resourceVersion in a PUT. */
  readonly builtIn: boolean;
  /** False for the built-ins that have no `metadata.generation` (Namespace, Secret, ConfigMap, ...). */
  readonly hasGeneration: boolean;
  readonly nameRule: NameRule;
  readonly statusSubresource: boolean;
  readonly scaleSubresource?: ScaleSubresource;
  /** Dotted paths without the leading dot, besides metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  readonly columns: readonly PrinterColumn[];
  /** Rules that a schema cannot say; runs only when the schema found nothing. */
  readonly validateMore?: (object: JsonObject, stored: JsonObject | undefined) => readonly StatusCause[];
  /** What a write changes before it is checked, such as merging a Secret's stringData. */
  readonly prepare?: (object: JsonObject, stored: JsonObject | undefined) => JsonObject;
  /** Where the objects lie as those of another kind, in another form. */
  readonly storedAs?: StoredForm;
  /** Shown as a `Warning:` header on every request of a deprecated version. */
  readonly deprecationWarning?: string;
}

/** A kind that is only another view of the objects of `kind`. */
export interface StoredForm {
  readonly kind: ServedKind;
  readonly toStored: (object: JsonObject) => JsonObject;
  readonly fromStored: (object: JsonObject) => JsonObject;
}
