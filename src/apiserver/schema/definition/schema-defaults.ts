import type { StatusCause } from '../../../api/api-error.ts';
import { defaultObject } from '../apply-defaults.ts';
import { fieldCause } from '../field-cause.ts';
import { findDuplicateItems } from '../list-uniqueness.ts';
import type { OpenApiSchema } from '../open-api-schema.ts';
import { pruneObject } from '../prune.ts';
import { translateAjvErrors } from '../translate-ajv-error.ts';
import { createValueValidator } from '../value-validator.ts';

/** A default is written into objects without another check, so it must be right by itself. */
export function checkDefaults(schema: OpenApiSchema, path: string): StatusCause[] {
  return defaultsOf(schema, path).flatMap(({ node, at }) => checkDefault(node, at));
}

interface PlacedDefault {
  readonly node: OpenApiSchema;
  readonly at: string;
}

function defaultsOf(schema: OpenApiSchema, path: string): PlacedDefault[] {
  const { properties, additionalProperties, items } = schema;
  return [
    ...(schema.default === undefined ? [] : [{ node: schema, at: `${path}.default` }]),
    ...Object.entries(properties ?? {}).flatMap(([key, child]) =>
      defaultsOf(child, `${path}.properties[${key}]`),
    ),
    ...(typeof additionalProperties === 'object'
      ? defaultsOf(additionalProperties, `${path}.additionalProperties`)
      : []),
    ...(items === undefined ? [] : defaultsOf(items, `${path}.items`)),
  ];
}

function checkDefault(node: OpenApiSchema, at: string): StatusCause[] {
  if (node.default === null && node.nullable !== true) {
    return [fieldCause.invalid(at, null, 'must not be null unless nullable is true')];
  }
  // Wrapped into an object, because that is what the walkers work on.
  const wrapper: OpenApiSchema = { type: 'object', properties: { value: node } };
  const unknownFields: string[] = [];
  const pruned = pruneObject({ value: node.default }, wrapper, unknownFields);
  if (unknownFields.length > 0) return [fieldCause.invalid(at, node.default, 'must not have unknown fields')];
  const filled = defaultObject(pruned, wrapper);
  const problems = [
    ...translateAjvErrors(createValueValidator(wrapper)(filled), filled).map(({ cause }) => cause),
    ...findDuplicateItems(filled, wrapper),
  ];
  return problems.map(({ reason, message, field = '' }) => ({
    reason,
    message: message.replaceAll(/\bvalue(?=[.[ ])/gu, at),
    field: field.replace(/^value/u, at),
  }));
}
