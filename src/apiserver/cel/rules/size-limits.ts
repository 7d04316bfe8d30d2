import type { OpenApiSchema } from '../../schema/open-api-schema.ts';
import { maxRequestBytes } from '../estimate-cost.ts';

/** A character of a text is at most four bytes. */
const maxBytesPerCharacter = 4;
const textSizes: Readonly<Record<string, number>> = { date: 12, 'date-time': 64, datetime: 64, duration: 32 };
const smallest: Readonly<Record<string, number>> = { boolean: 4, integer: 1, number: 1 };

/** The most parts that a value of the schema can have: as declared, or as fits into a request. */
export function maxSizeOf(schema: OpenApiSchema): number {
  switch (schema.type) {
    case 'array':
      return schema.maxItems ?? countThatFits(schema.items, 0);
    case 'object':
      return schema.maxProperties ?? countThatFits(valuesOf(schema), '"":'.length);
    case 'string':
      return maxTextSize(schema);
    default:
      return maxRequestBytes;
  }
}

function maxTextSize({ maxLength, enum: values, format }: OpenApiSchema): number {
  if (maxLength !== undefined) return Math.min(maxLength * maxBytesPerCharacter, maxRequestBytes);
  if (values !== undefined) return Math.max(0, ...values.map((value) => String(value).length));
  return textSizes[format ?? ''] ?? maxRequestBytes;
}

function countThatFits(member: OpenApiSchema | undefined, overhead: number): number {
  return Math.floor(maxRequestBytes / (smallestBytes(member) + overhead + 1));
}

function valuesOf({ additionalProperties }: OpenApiSchema): OpenApiSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** The shortest JSON of a value that satisfies the schema. */
function smallestBytes(schema: OpenApiSchema | undefined): number {
  const { type = '', properties = {}, required = [] } = schema ?? {};
  const own = smallest[type] ?? 2;
  return required.reduce((sum, key) => sum + key.length + 4 + smallestBytes(properties[key]), own);
}
