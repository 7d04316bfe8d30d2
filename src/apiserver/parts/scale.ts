import type { StatusCause } from '../../api/api-error.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { field, resourceSchema } from '../schema/builtin/schema-parts.ts';
import { fieldCause } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject, ownProperty } from '../schema/json-object.ts';
import type { OpenApiSchema } from '../schema/open-api-schema.ts';
import type { ScaleSubresource } from '../schema/served-kind.ts';

export const scaleSchema: OpenApiSchema = resourceSchema(
  'How many copies of something there shall be, and are.',
  {
    spec: field.object('What is wanted.', { replicas: field.integer('How many copies there shall be.') }),
    status: field.object('What there is.', {
      replicas: field.integer('How many copies there are.'),
      selector: field.text('Selects the copies, as text.'),
    }),
  },
);

/** The object as tools see it that only care for the number of copies. */
export function toScale(object: JsonObject, paths: ScaleSubresource): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadataOf(object);
  const selector =
    paths.labelSelectorPath === undefined ? undefined : valueAtPath(object, paths.labelSelectorPath);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion,
      creationTimestamp,
    },
    spec: { replicas: numberAt(object, paths.specReplicasPath) },
    status: {
      replicas: numberAt(object, paths.statusReplicasPath),
      ...(typeof selector === 'string' && selector !== '' ? { selector } : {}),
    },
  };
}

/** The object with another number of copies. */
export function withReplicas(
  object: JsonObject,
  { specReplicasPath }: ScaleSubresource,
  replicas: unknown,
): JsonObject {
  return setAtPath(object, keysOf(specReplicasPath), replicas);
}

/** A number that no scale can show must not get into the object by another way. */
export function checkReplicas(object: JsonObject, paths: ScaleSubresource): StatusCause[] {
  return [paths.specReplicasPath, paths.statusReplicasPath].flatMap((path) => {
    const value = valueAtPath(object, path);
    const field = path.replace(/^\./u, '');
    if (typeof value !== 'number' || (value >= 0 && value <= maxReplicas)) return [];
    const detail =
      value < 0 ? 'should be a non-negative integer' : `should be less than or equal to ${maxReplicas}`;
    return [fieldCause.invalid(field, value, detail)];
  });
}

const maxReplicas = 2 ** 31 - 1;

function numberAt(object: JsonObject, path: string): number {
  const value = valueAtPath(object, path);
  return typeof value === 'number' ? value : 0;
}

function keysOf(path: string): string[] {
  return path.split('.').slice(1);
}

function valueAtPath(object: JsonObject, path: string): unknown {
  let value: unknown = object;
  for (const key of keysOf(path)) value = isJsonObject(value) ? ownProperty(value, key) : undefined;
  return value;
}

function setAtPath(object: JsonObject, [key = '', ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length === 0) return { ...object, [key]: value };
  const child = ownProperty(object, key);
  return { ...object, [key]: setAtPath(isJsonObject(child) ? child : {}, rest, value) };
}
