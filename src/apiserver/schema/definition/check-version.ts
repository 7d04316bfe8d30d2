import type { StatusCause } from '../../../api/api-error.ts';
import { checkRules } from '../../cel/rules/check-rules.ts';
import { childSchema } from '../child-schema.ts';
import { fieldCause } from '../field-cause.ts';
import { checkDnsLabel } from '../name-syntax.ts';
import type { OpenApiSchema } from '../open-api-schema.ts';
import type { DefinitionVersionSpec } from './definition-spec.ts';
import { checkDefaults } from './schema-defaults.ts';
import { checkStructural } from './structural-schema.ts';
import { findMalformedNodes } from './well-formed-schema.ts';

const maxSelectableFields = 8;
const selectablePath = /^(?:\.[A-Za-z0-9_-]+)+$/u;
/** What a printer column may look like; the table layer reads it with more patience than this. */
const columnPath = /^\.(?!\.)/u;

export function checkVersion(version: DefinitionVersionSpec, path: string): StatusCause[] {
  const schema = version.schema?.openAPIV3Schema;
  const name = checkDnsLabel(version.name).map((problem) =>
    fieldCause.invalid(`${path}.name`, version.name, problem),
  );
  if (schema === undefined) {
    return [...name, fieldCause.required(`${path}.schema.openAPIV3Schema`, 'schemas are required')];
  }
  const at = `${path}.schema.openAPIV3Schema`;
  const malformed = findMalformedNodes(schema, at);
  if (malformed.length > 0) return [...name, ...malformed];
  const wrongShape = checkStructural(schema, at);
  return [
    ...name,
    ...wrongShape,
    // Defaults and rules can only be checked against a schema that makes sense.
    ...(wrongShape.length === 0 ? [...checkDefaults(schema, at), ...checkRules(schema, at)] : []),
    ...checkColumns(version, path),
    ...checkSelectableFields(version, schema, path),
    ...checkScale(version, path),
  ];
}

function checkColumns({ additionalPrinterColumns = [] }: DefinitionVersionSpec, path: string): StatusCause[] {
  const types = ['integer', 'number', 'string', 'boolean', 'date'];
  return additionalPrinterColumns.flatMap(({ type, jsonPath }, index) => {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    return [
      ...(types.includes(type) ? [] : [fieldCause.notSupported(`${at}.type`, type, types)]),
      ...(columnPath.test(jsonPath)
        ? []
        : [fieldCause.invalid(`${at}.jsonPath`, jsonPath, 'must be a simple json path starting with .')]),
    ];
  });
}

function checkSelectableFields(
  { selectableFields = [] }: DefinitionVersionSpec,
  schema: OpenApiSchema,
  path: string,
): StatusCause[] {
  const at = `${path}.selectableFields`;
  const tooMany =
    selectableFields.length > maxSelectableFields
      ? [fieldCause.tooMany(at, selectableFields.length, maxSelectableFields)]
      : [];
  const each = selectableFields.flatMap(({ jsonPath }, index) => {
    if (isScalarPath(schema, jsonPath)) return [];
    const detail = 'is an invalid path: it must lead to a string, integer or boolean field outside of lists';
    return [fieldCause.invalid(`${at}[${index}].jsonPath`, jsonPath, detail)];
  });
  return [...tooMany, ...each];
}

function isScalarPath(schema: OpenApiSchema, jsonPath: string): boolean {
  if (!selectablePath.test(jsonPath)) return false;
  let node: OpenApiSchema | undefined = schema;
  for (const key of jsonPath.slice(1).split('.')) {
    node = node === undefined ? undefined : childSchema(node, key);
  }
  return ['boolean', 'integer', 'string'].includes(node?.type ?? '');
}

function checkScale({ subresources }: DefinitionVersionSpec, path: string): StatusCause[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const at = `${path}.subresources.scale`;
  const paths = [
    ['specReplicasPath', scale.specReplicasPath, '.spec.'],
    ['statusReplicasPath', scale.statusReplicasPath, '.status.'],
    ...(scale.labelSelectorPath === undefined || scale.labelSelectorPath.startsWith('.spec.')
      ? []
      : [['labelSelectorPath', scale.labelSelectorPath, '.status.'] as const]),
  ] as const;
  return paths
    .filter(([, value, prefix]) => !(value.startsWith(prefix) && selectablePath.test(value)))
    .map(([key, value, prefix]) =>
      fieldCause.invalid(`${at}.${key}`, value, `should be a json path under ${prefix.slice(0, -1)}`),
    );
}
