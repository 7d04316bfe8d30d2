import type { JsonObject } from '../schema/json-object.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { type Operation, operationId, type Parameter, patchTypes, pathsOf } from './operations.ts';
import { publishSchemas } from './published-schema.ts';
import { groupVersionKind } from './schema-names.ts';

const refTo = (name: string): string => `#/components/schemas/${name}`;
const bodyTypes = ['application/json', 'application/yaml'];

/** The OpenAPI v3 document of one group version; `kinds` are all of that version. */
export function buildV3Document(kinds: readonly ServedKind[]): JsonObject {
  const paths = kinds.flatMap((kind) =>
    pathsOf(kind).map(({ path, pathParameters, operations }) => [
      path,
      {
        ...Object.fromEntries(
          operations.map((operation) => [operation.method, describe(kind, path, operation)]),
        ),
        parameters: pathParameters.map(describeParameter),
      },
    ]),
  );
  return {
    openapi: '3.0.0',
    info: { title: 'Muster', version: 'v1' },
    paths: Object.fromEntries(paths) as JsonObject,
    components: { schemas: publishSchemas(kinds, refTo) },
  };
}

function describe(kind: ServedKind, path: string, operation: Operation): JsonObject {
  const { body, answer, action, document } = operation;
  return {
    description: operation.description,
    operationId: operationId(kind, path, operation),
    tags: [tagOf(kind)],
    parameters: operation.parameters.map(describeParameter),
    ...(body === undefined ? {} : { requestBody: { content: content(body, requestTypes(kind, action)) } }),
    responses: { '200': { description: 'OK', content: content(answer, bodyTypes) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind':
      document === undefined ? groupVersionKind(kind, kind.kind) : groupVersionKind(document, document.kind),
  };
}

function requestTypes(kind: ServedKind, action: Operation['action']): string[] {
  return action === 'patch' ? patchTypes(kind) : bodyTypes;
}

function content(schema: string, types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: { $ref: refTo(schema) } }]));
}

function describeParameter({ name, type, in: place, description }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}

export function tagOf({ group, version }: ServedKind): string {
  return `${group === '' ? 'core' : group}_${version}`.replaceAll(/[^A-Za-z0-9]/gu, '_');
}
