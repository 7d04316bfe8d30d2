import { encodeJson } from '../schema/encode-json.ts';
import { isJsonObject, type JsonObject } from '../schema/json-object.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/**
 * The Swagger document as the protobuf message `openapi.v2.Document` of the gnostic project. kubectl before 1.27 can
 * read no other form, and refuses to apply anything without it; Argo CD does not sync without it.
 */
export function encodeV2Document(document: JsonObject): Buffer {
  return new ProtobufWriter()
    .text(1, document['swagger'])
    .message(2, (info) => {
      const { title, version } = objectAt(document, 'info');
      info.text(1, title).text(2, version);
    })
    .message(8, (paths) => {
      for (const [path, value] of Object.entries(objectAt(document, 'paths'))) {
        paths.message(2, (named) =>
          named.text(1, path).message(2, (item) => writePath(item, asObject(value))),
        );
      }
    })
    .message(9, (definitions) => writeNamedSchemas(definitions, objectAt(document, 'definitions')))
    .finish();
}

const methods = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

function writePath(message: ProtobufWriter, path: JsonObject): void {
  for (const [method, number] of Object.entries(methods)) {
    const operation = path[method];
    if (isJsonObject(operation)) message.message(number, (inner) => writeOperation(inner, operation));
  }
  writeParameters(message, 9, path['parameters']);
}

function writeOperation(message: ProtobufWriter, operation: JsonObject): void {
  message
    .texts(1, operation['tags'])
    .text(3, operation['description'])
    .text(5, operation['operationId'])
    .texts(6, operation['produces'])
    .texts(7, operation['consumes']);
  writeParameters(message, 8, operation['parameters']);
  message.message(9, (responses) => {
    for (const [code, response] of Object.entries(objectAt(operation, 'responses'))) {
      responses.message(1, (named) =>
        named.text(1, code).message(2, (value) => {
          value.message(1, (inner) => writeResponse(inner, asObject(response)));
        }),
      );
    }
  });
  writeExtensions(message, 13, operation);
}

function writeResponse(message: ProtobufWriter, response: JsonObject): void {
  message.text(1, response['description']);
  message.message(2, (item) =>
    item.message(1, (schema) => writeSchema(schema, objectAt(response, 'schema'))),
  );
}

/** Each parameter is wrapped three or four times: the schema of the document is a union of unions. */
function writeParameters(message: ProtobufWriter, number: number, parameters: unknown): void {
  if (!Array.isArray(parameters)) return;
  for (const parameter of parameters.filter(isJsonObject)) {
    message.message(number, (item) =>
      item.message(1, (union) => {
        if (parameter['in'] === 'body') union.message(1, (body) => writeBody(body, parameter));
        else union.message(2, (other) => writeOtherParameter(other, parameter));
      }),
    );
  }
}

function writeBody(message: ProtobufWriter, parameter: JsonObject): void {
  message
    .text(1, parameter['description'])
    .text(2, parameter['name'])
    .text(3, 'body')
    .flag(4, parameter['required'])
    .message(5, (schema) => writeSchema(schema, objectAt(parameter, 'schema')));
}

function writeOtherParameter(message: ProtobufWriter, parameter: JsonObject): void {
  const isPath = parameter['in'] === 'path';
  message.message(isPath ? 4 : 3, (inner) =>
    inner
      .flag(1, parameter['required'])
      .text(2, parameter['in'])
      .text(3, parameter['description'])
      .text(4, parameter['name'])
      .text(isPath ? 5 : 6, parameter['type'])
      .flag(isPath ? 19 : 20, parameter['uniqueItems']),
  );
}

function writeNamedSchemas(message: ProtobufWriter, schemas: JsonObject): void {
  for (const [name, schema] of Object.entries(schemas)) {
    message.message(1, (named) =>
      named.text(1, name).message(2, (inner) => writeSchema(inner, asObject(schema))),
    );
  }
}

function writeSchema(message: ProtobufWriter, schema: JsonObject): void {
  message
    .text(1, schema['$ref'])
    .text(2, schema['format'])
    .text(3, schema['title'])
    .text(4, schema['description']);
  writeAny(message, 5, schema['default']);
  writeLimits(message, schema);
  if (Array.isArray(schema['enum'])) for (const value of schema['enum']) writeAny(message, 20, value);
  writeAdditional(message, schema['additionalProperties']);
  if (typeof schema['type'] === 'string') message.message(22, (type) => type.text(1, schema['type']));
  if (isJsonObject(schema['items'])) {
    const { items } = schema;
    message.message(23, (list) => list.message(1, (inner) => writeSchema(inner, asObject(items))));
  }
  if (isJsonObject(schema['properties'])) {
    const { properties } = schema;
    message.message(25, (inner) => writeNamedSchemas(inner, asObject(properties)));
  }
  writeAny(message, 30, schema['example']);
  writeExtensions(message, 31, schema);
}

function writeLimits(message: ProtobufWriter, schema: JsonObject): void {
  message
    .double(6, schema['multipleOf'])
    .double(7, schema['maximum'])
    .flag(8, schema['exclusiveMaximum'])
    .double(9, schema['minimum'])
    .flag(10, schema['exclusiveMinimum'])
    .integer(11, schema['maxLength'])
    .integer(12, schema['minLength'])
    .text(13, schema['pattern'])
    .integer(14, schema['maxItems'])
    .integer(15, schema['minItems'])
    .flag(16, schema['uniqueItems'])
    .integer(17, schema['maxProperties'])
    .integer(18, schema['minProperties'])
    .texts(19, schema['required']);
}

function writeAdditional(message: ProtobufWriter, additional: unknown): void {
  if (isJsonObject(additional)) {
    message.message(21, (item) => item.message(1, (inner) => writeSchema(inner, additional)));
  } else if (additional === true) {
    message.message(21, (item) => item.flag(2, true));
  }
}

function writeExtensions(message: ProtobufWriter, number: number, holder: JsonObject): void {
  for (const [name, value] of Object.entries(holder)) {
    if (!name.startsWith('x-')) continue;
    message.message(number, (named) => {
      named.text(1, name);
      writeAny(named, 2, value);
    });
  }
}

/** Free values travel as YAML text, which JSON is. */
function writeAny(message: ProtobufWriter, number: number, value: unknown): void {
  if (value !== undefined) message.message(number, (any) => any.text(2, encodeJson(value)));
}

function objectAt(holder: JsonObject, key: string): JsonObject {
  return asObject(holder[key]);
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
