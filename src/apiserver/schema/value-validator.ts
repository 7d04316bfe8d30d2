import { createHash } from 'node:crypto';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { RE2JS } from 're2js';
import { roundBigIntegers } from './exact-integers.ts';
import type { JsonObject } from './json-object.ts';
import type { OpenApiSchema } from './open-api-schema.ts';
import { toJsonSchema } from './to-json-schema.ts';
import { integerFormats, stringFormats } from './value-formats.ts';

export type ValueValidator = (value: unknown) => readonly ErrorObject[];

/**
 * One compiled validator a schema, made when it is first needed: compiling a big schema takes a second and tens of
 * megabytes, so a server with many kinds must not pay for those that nobody writes.
 */
export function createValueValidator(schema: OpenApiSchema): ValueValidator {
  const compiled: { everyProblem?: ValidateFunction; firstProblem?: ValidateFunction } = {};
  return (value) => {
    const validate = isLarge(value)
      ? (compiled.firstProblem ??= compileOnce(schema, false))
      : (compiled.everyProblem ??= compileOnce(schema, true));
    return validate(value) ? [] : (validate.errors ?? []);
  };
}

/** A list of a million wrong items would otherwise make a million reports of several hundred bytes each. */
const maxNodesForEveryProblem = 20_000;

function isLarge(root: unknown): boolean {
  const waiting = [root];
  for (let count = 0; count <= maxNodesForEveryProblem; count += 1) {
    const value = waiting.pop();
    if (typeof value === 'object' && value !== null) {
      for (const member of Object.values(value)) waiting.push(member);
    }
    if (waiting.length === 0) return false;
  }
  return true;
}

const maxCached = 256;
const cache = new Map<string, ValidateFunction>();

/** Several versions of a CRD, and a CRD written again, often have the same schema. */
function compileOnce(schema: OpenApiSchema, allErrors: boolean): ValidateFunction {
  // Limits and defaults of 64 bits are bigint in a decoded schema.
  const jsonSchema = roundBigIntegers(toJsonSchema(schema)) as JsonObject;
  const hash = createHash('sha256')
    .update(JSON.stringify([allErrors, jsonSchema]))
    .digest('base64');
  const cached = cache.get(hash);
  if (cached !== undefined) return cached;
  const compiled = buildAjv(allErrors).compile(jsonSchema);
  if (cache.size >= maxCached) cache.clear();
  cache.set(hash, compiled);
  return compiled;
}

/** A fresh instance each time: ajv keeps every schema that it ever compiled. */
function buildAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({
    allErrors,
    verbose: true,
    strict: false,
    // Types come from the CRD as they are; nothing may be changed to fit.
    coerceTypes: false,
    ownProperties: true,
    code: { regExp: compilePattern },
  });
  for (const [name, validate] of Object.entries(stringFormats))
    ajv.addFormat(name, { type: 'string', validate });
  for (const [name, validate] of Object.entries(integerFormats))
    ajv.addFormat(name, { type: 'number', validate });
  return ajv;
}

/** RE2, as in Kubernetes: the same dialect, and linear time whatever pattern a CRD brings. */
const compilePattern = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // ajv tells patterns apart by their text: without it every pattern of a schema would be the first one.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 're2' },
);
