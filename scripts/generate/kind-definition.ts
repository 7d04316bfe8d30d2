/** The part of an OpenAPI v3 structural schema that the generator reads. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  not?: object;
  tsType?: string;
  default?: unknown;
}

/** One file of `crds/` and what it holds. */
export interface KindDefinition {
  readonly file: string;
  readonly crd: {
    readonly spec: {
      readonly group: string;
      readonly names: { readonly kind: string; readonly plural: string };
      readonly scope: 'Cluster' | 'Namespaced';
      readonly versions: readonly {
        readonly name: string;
        readonly schema: { readonly openAPIV3Schema: Schema };
      }[];
    };
  };
}

/** `PlacementGroup` → `placement-group.ts`. */
export function moduleFileName(kind: string): string {
  return `${kind.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}.ts`;
}
