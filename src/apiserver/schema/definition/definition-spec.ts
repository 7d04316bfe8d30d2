import type { OpenApiSchema } from '../open-api-schema.ts';
import type { PrinterColumn, ScaleSubresource } from '../served-kind.ts';

/** The spec of a CustomResourceDefinition, once its schema has checked it. */
export interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
  readonly preserveUnknownFields?: boolean;
  readonly names: {
    readonly plural: string;
    readonly kind: string;
    readonly singular?: string;
    readonly listKind?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly versions: readonly DefinitionVersionSpec[];
  readonly conversion?: { readonly strategy?: string };
}

export interface DefinitionVersionSpec {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: OpenApiSchema };
  readonly subresources?: { readonly status?: object; readonly scale?: ScaleSubresource };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}
