import type { OpenApiSchema } from '../open-api-schema.ts';

/** Short forms for writing the schemas of built-in kinds; each field comes with its description. */
export const field = {
  text: (description: string): OpenApiSchema => ({ type: 'string', description }),
  oneOf: (description: string, ...values: readonly string[]): OpenApiSchema => ({
    type: 'string',
    description,
    enum: values,
  }),
  bytes: (description: string): OpenApiSchema => ({ type: 'string', format: 'byte', description }),
  time: (description: string): OpenApiSchema => ({ type: 'string', format: 'date-time', description }),
  integer: (description: string, format: 'int32' | 'int64' = 'int32'): OpenApiSchema => ({
    type: 'integer',
    format,
    description,
  }),
  flag: (description: string): OpenApiSchema => ({ type: 'boolean', description }),
  texts: (description: string): OpenApiSchema => ({
    type: 'array',
    description,
    items: { type: 'string' },
    'x-kubernetes-list-type': 'atomic',
  }),
  list: (description: string, items: OpenApiSchema): OpenApiSchema => ({ type: 'array', description, items }),
  /** A list whose items are told apart by some of their fields, and owned one by one. */
  keyedList: (
    description: string,
    items: OpenApiSchema,
    ...keys: readonly [string, ...string[]]
  ): OpenApiSchema => ({
    ...{ type: 'array', description, items },
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
  }),
  textMap: (description: string): OpenApiSchema => ({
    type: 'object',
    description,
    additionalProperties: { type: 'string' },
  }),
  /** Anything that JSON can say. */
  any: (description: string): OpenApiSchema => ({
    description,
    'x-kubernetes-preserve-unknown-fields': true,
  }),
  object: (
    description: string,
    properties: Readonly<Record<string, OpenApiSchema>>,
    ...required: readonly string[]
  ): OpenApiSchema => ({
    type: 'object',
    description,
    properties,
    ...(required.length === 0 ? {} : { required }),
  }),
};

/** A whole kind: apiVersion, kind and metadata besides its own fields. */
export function resourceSchema(
  description: string,
  properties: Readonly<Record<string, OpenApiSchema>>,
  ...required: readonly string[]
): OpenApiSchema {
  const common = {
    apiVersion: field.text('Group and version of the schema that the object follows.'),
    kind: field.text('The kind of the object.'),
    metadata: { type: 'object', description: 'Standard metadata of the object.' },
  };
  return field.object(description, { ...common, ...properties }, ...required);
}

/** An object that is set as a whole: half of another one would mean something else. */
export function asOne(schema: OpenApiSchema): OpenApiSchema {
  return { ...schema, 'x-kubernetes-map-type': 'atomic' };
}

const selector = field.object(
  'Chooses objects by their labels; all requirements must hold, and an empty selector chooses all.',
  {
    matchLabels: field.textMap('Labels that must have exactly these values.'),
    matchExpressions: field.list(
      'Further requirements.',
      field.object(
        'A requirement on one label.',
        {
          key: field.text('The label.'),
          operator: field.text('In, NotIn, Exists or DoesNotExist.'),
          values: field.texts('The values for In and NotIn.'),
        },
        'key',
        'operator',
      ),
    ),
  },
);

export const labelSelectorSchema: OpenApiSchema = asOne(selector);
