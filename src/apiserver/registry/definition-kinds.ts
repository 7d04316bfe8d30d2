import { checkReplicas } from '../parts/scale.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import type { PrinterColumn, ScaleSubresource, ServedKind } from '../schema/served-kind.ts';

/** A CustomResourceDefinition as it is stored, which its own schema has checked. */
export interface Definition {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Cluster' | 'Namespaced';
    readonly names: DefinitionNames;
    readonly versions: readonly DefinitionVersion[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly storedVersions?: readonly string[];
  };
}

export interface DefinitionNames {
  readonly plural: string;
  readonly kind: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema: OpenApiSchema };
  readonly subresources?: { readonly status?: object; readonly scale?: ScaleSubresource };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export function asDefinition(object: JsonObject): Definition {
  return object as unknown as Definition;
}

export function isEstablished({ status }: Definition): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: value }) => type === 'Established' && value === 'True',
  );
}

export function storedApiVersion({ spec }: Definition): string {
  const storage = spec.versions.find((version) => version.storage);
  return `${spec.group}/${storage?.name ?? ''}`;
}

/** What a definition serves: one kind for each served version. */
export function kindsOfDefinition(definition: Definition): ServedKind[] {
  return definition.spec.versions
    .filter((version) => version.served)
    .map((version) => buildKind(definition, version));
}

function buildKind({ spec }: Definition, version: DefinitionVersion): ServedKind {
  const { names, group } = spec;
  const scale = version.subresources?.scale;
  const deprecationWarning = warnAboutVersion(version, `${group}/${version.name} ${names.kind}`);
  return {
    group,
    version: version.name,
    kind: names.kind,
    plural: names.plural,
    ...completeNames(names),
    namespaced: spec.scope === 'Namespaced',
    schema: version.schema?.openAPIV3Schema ?? { type: 'object' },
    builtIn: false,
    hasGeneration: true,
    nameRule: 'subdomain',
    statusSubresource: version.subresources?.status !== undefined,
    ...(scale === undefined
      ? {}
      : { scaleSubresource: scale, validateMore: (object: JsonObject) => checkReplicas(object, scale) }),
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    columns: version.additionalPrinterColumns ?? [],
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
  };
}

/** Names that a definition may leave out. */
function completeNames(
  names: DefinitionNames,
): Pick<ServedKind, 'categories' | 'listKind' | 'shortNames' | 'singular'> {
  return {
    listKind: names.listKind ?? `${names.kind}List`,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
  };
}

function warnAboutVersion(version: DefinitionVersion, name: string): string | undefined {
  return version.deprecated === true ? (version.deprecationWarning ?? `${name} is deprecated`) : undefined;
}
