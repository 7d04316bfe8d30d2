import type { JsonObject } from '../schema/json-object.ts';
import type { ServedKind } from '../schema/served-kind.ts';
import { type Operation, operationId, type Parameter, patchTypes, pathsOf } from './operations.ts';
import { publishSchemas } from './published-schema.ts';
import { groupVersionKind } from './schema-names.ts';
import { toV2Schema } from './v2-schema.ts';
import { tagOf } from './v3-document.ts';

const refTo = (name: string): string => `#/definitions/${name}`;
const bodyTypes = ['application/json', 'application/yaml'];

/** The one Swagger document of all kinds, for clients that know no newer form. */
export function buildV2Document(kinds: readonly ServedKind[]): JsonObject {
  const schemas = Object.entries(publishSchemas(kinds, refTo));
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
    swagger: '2.0',
    info: { title: 'Muster', version: 'v1' },
    paths: Object.fromEntries(paths) as JsonObject,
    definitions: Object.fromEntries(schemas.map(([name, schema]) => [name, toV2Schema(schema)])),
  };
}

function describe(kind: ServedKind, path: string, operation: Operation): JsonObject {
  const { body, answer, action, document } = operation;
  const bodyParameters =
    body === undefined
      ? []
      : [
          {
            name: 'body',
            in: 'body',
            required: action !== 'delete' && action !== 'deletecollection',
            schema: { $ref: refTo(body) },
          },
        ];
  return {
    description: operation.description,
    operationId: operationId(kind, path, operation),
    tags: [tagOf(kind)],
    consumes: action === 'patch' ? patchTypes(kind) : bodyTypes,
    produces: bodyTypes,
    parameters: [...bodyParameters, ...operation.parameters.map(describeParameter)],
    responses: { '200': { description: 'OK', schema: { $ref: refTo(answer) } } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind':
      document === undefined ? groupVersionKind(kind, kind.kind) : groupVersionKind(document, document.kind),
  };
}

function describeParameter({ name, type, in: place, description }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    type,
    uniqueItems: true,
    ...(place === 'path' ? { required: true } : {}),
  };
}
