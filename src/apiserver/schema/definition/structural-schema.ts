import { RE2JS } from 're2js';
import type { StatusCause } from '../../../api/api-error.ts';
import { fieldCause } from '../field-cause.ts';
import type { OpenApiSchema } from '../open-api-schema.ts';

const notStructural = 'must be undefined to be structural';
const refusedKeywords = [
  '$ref',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
];
/** What describes the shape rather than a value, and so belongs outside of allOf, anyOf, oneOf and not. */
const shapeKeywords = [
  'additionalProperties',
  'default',
  'description',
  'nullable',
  'title',
  'type',
] as const;
const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** Recursion and compile time both grow with depth. */
const maxDepth = 64;

/**
 * Checks that a schema is structural: that the type of every field is said once, in one tree, so that pruning,
 * defaults and apply never have to guess. `path` is where the schema stands in its definition.
 */
export function checkStructural(schema: OpenApiSchema, path: string): StatusCause[] {
  const wrongRoot =
    schema.type === undefined || schema.type === ''
      ? [fieldCause.required(`${path}.type`, 'must not be empty at the root')]
      : schema.type === 'object'
        ? []
        : [fieldCause.invalid(`${path}.type`, schema.type, 'must be object at the root')];
  const open =
    schema.additionalProperties === undefined
      ? []
      : [fieldCause.forbidden(`${path}.additionalProperties`, 'must not be used at the root')];
  return [...wrongRoot, ...open, ...checkMetadata(schema, path), ...checkNode(schema, path, 0)];
}

function checkMetadata({ properties }: OpenApiSchema, path: string): StatusCause[] {
  const own = Object.keys(properties?.['metadata']?.properties ?? {});
  if (own.every((key) => key === 'name' || key === 'generateName')) return [];
  const detail =
    'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [fieldCause.forbidden(`${path}.properties[metadata]`, detail)];
}

function checkNode(schema: OpenApiSchema, path: string, depth: number): StatusCause[] {
  if (depth > maxDepth) return [fieldCause.invalid(path, '', `must not be nested deeper than ${maxDepth}`)];
  return [
    ...checkKeywords(schema, path),
    ...checkPattern(schema, path),
    ...checkListType(schema, path),
    ...checkJunctors(schema, path),
    ...children(schema, path).flatMap(({ child, childPath, place }) => [
      ...checkType(child, childPath, place),
      ...checkNode(child, childPath, depth + 1),
    ]),
  ];
}

interface Child {
  readonly child: OpenApiSchema;
  readonly childPath: string;
  /** How the messages call it. */
  readonly place: string;
}

function children({ properties, additionalProperties, items }: OpenApiSchema, path: string): Child[] {
  const named = Object.entries(properties ?? {}).map(([key, child]) => ({
    child,
    childPath: `${path}.properties[${key}]`,
    place: 'specified object fields',
  }));
  const others =
    typeof additionalProperties === 'object'
      ? [
          {
            child: additionalProperties,
            childPath: `${path}.additionalProperties`,
            place: 'specified map values',
          },
        ]
      : [];
  const inList =
    items === undefined ? [] : [{ child: items, childPath: `${path}.items`, place: 'specified array items' }];
  return [...named, ...others, ...inList];
}

function checkType(schema: OpenApiSchema, path: string, place: string): StatusCause[] {
  const { type } = schema;
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined || type === '') {
    return isFree ? [] : [fieldCause.required(`${path}.type`, `must not be empty for ${place}`)];
  }
  if (!types.includes(type)) return [fieldCause.notSupported(`${path}.type`, type, types)];
  if (schema['x-kubernetes-int-or-string'] === true) {
    return [fieldCause.invalid(`${path}.type`, type, 'must be empty if x-kubernetes-int-or-string is true')];
  }
  return type === 'array' && schema.items === undefined
    ? [fieldCause.required(`${path}.items`, 'must be specified')]
    : [];
}

function checkKeywords(schema: OpenApiSchema, path: string): StatusCause[] {
  const refused = refusedKeywords
    .filter((keyword) => Object.hasOwn(schema, keyword))
    .map((keyword) => fieldCause.forbidden(`${path}.${keyword}`, notStructural));
  const causes: StatusCause[] = [...refused];
  if (schema.uniqueItems === true) {
    causes.push(
      fieldCause.forbidden(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  if (schema.properties !== undefined && schema.additionalProperties !== undefined) {
    causes.push(
      fieldCause.forbidden(
        `${path}.additionalProperties`,
        'additionalProperties and properties are mutual exclusive',
      ),
    );
  }
  if (schema['x-kubernetes-embedded-resource'] === true && schema.type !== 'object') {
    causes.push(
      fieldCause.invalid(
        `${path}.type`,
        schema.type ?? '',
        'must be object if x-kubernetes-embedded-resource is true',
      ),
    );
  }
  return causes;
}

/** A pattern that does not compile would otherwise come to light with the first object. */
function checkPattern({ pattern }: OpenApiSchema, path: string): StatusCause[] {
  if (pattern === undefined) return [];
  try {
    RE2JS.compile(pattern);
    return [];
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return [
      fieldCause.invalid(
        `${path}.pattern`,
        pattern,
        `must be a valid regular expression, but isn't: ${problem}`,
      ),
    ];
  }
}

function checkListType(schema: OpenApiSchema, path: string): StatusCause[] {
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (listType === undefined) return [];
  const at = `${path}.x-kubernetes-list-type`;
  if (schema.type !== 'array')
    return [
      fieldCause.invalid(
        `${path}.type`,
        schema.type ?? '',
        'must be array if x-kubernetes-list-type is specified',
      ),
    ];
  const known = ['atomic', 'set', 'map'];
  if (!known.includes(listType)) return [fieldCause.notSupported(at, listType, known)];
  return listType === 'map' ? checkListMap(schema, keys, path) : [];
}

function checkListMap({ items }: OpenApiSchema, keys: readonly string[], path: string): StatusCause[] {
  const at = `${path}.x-kubernetes-list-map-keys`;
  if (keys.length === 0)
    return [fieldCause.required(at, 'must not be empty if x-kubernetes-list-type is map')];
  return keys.flatMap((key, index) => {
    const property = items?.properties?.[key];
    if (property === undefined) {
      return [fieldCause.invalid(`${at}[${index}]`, key, 'entries must all be names of item properties')];
    }
    if (property.type === 'object' || property.type === 'array') {
      return [
        fieldCause.invalid(
          `${path}.items.properties[${key}].type`,
          property.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      ];
    }
    if (items?.required?.includes(key) === true || property.default !== undefined) return [];
    const detail =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    return [fieldCause.required(`${path}.items.properties[${key}].default`, detail)];
  });
}

function checkJunctors(schema: OpenApiSchema, path: string): StatusCause[] {
  const branches = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((keyword) =>
    (schema[keyword] ?? []).map((branch, index) => ({ branch, branchPath: `${path}.${keyword}[${index}]` })),
  );
  const negated = schema.not === undefined ? [] : [{ branch: schema.not, branchPath: `${path}.not` }];
  return [...branches, ...negated].flatMap(({ branch, branchPath }) =>
    checkBranch(branch, schema, branchPath, schema['x-kubernetes-int-or-string'] === true),
  );
}

/** A branch may only restrict values of fields that the tree outside of it has described. */
function checkBranch(
  branch: OpenApiSchema,
  outside: OpenApiSchema,
  path: string,
  isIntOrString: boolean,
): StatusCause[] {
  const shapes = shapeKeywords
    .filter((keyword) => branch[keyword] !== undefined && !(isIntOrString && keyword === 'type'))
    .map((keyword) => fieldCause.forbidden(`${path}.${keyword}`, notStructural));
  const fields = Object.entries(branch.properties ?? {}).flatMap(([key, child]) => {
    const described = outside.properties?.[key];
    const fieldPath = `${path}.properties[${key}]`;
    if (described !== undefined) return checkBranch(child, described, fieldPath, false);
    const isOpen = outside['x-kubernetes-preserve-unknown-fields'] === true;
    const place = fieldPath.replace(/\.(?:allOf|anyOf|oneOf)\[\d+\]|\.not/gu, '');
    return isOpen ? [] : [fieldCause.required(place, `because it is defined in ${fieldPath}`)];
  });
  const nested = checkJunctors(
    { ...branch, ...(outside.properties === undefined ? {} : { properties: outside.properties }) },
    path,
  );
  return [...shapes, ...checkPattern(branch, path), ...fields, ...nested];
}
