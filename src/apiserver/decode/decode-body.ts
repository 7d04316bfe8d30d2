import { apiError } from '../../api/api-error.ts';
import { parseMediaType } from '../http/accept.ts';
import { DecodeError } from '../schema/decode-error.ts';
import { decodeJson } from '../schema/decode-json.ts';
import { decodeYaml } from '../schema/decode-yaml.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import { decodeProtobufObject, isProtobuf } from './decode-protobuf.ts';

export interface DecodedBody<T> {
  readonly value: T;
  readonly duplicateFields: readonly string[];
}

const textTypes = 'application/json, application/yaml';

/** The object of a POST, PUT or DELETE body. `expectedKind` only words the refusals. */
export function decodeObject(
  body: Buffer,
  contentType: string | undefined,
  expectedKind: string,
): DecodedBody<JsonObject> {
  const unrecognized = (problem: string): Error =>
    apiError(
      'BadRequest',
      `the object provided is unrecognized (must be of type ${expectedKind}): couldn't get version/kind; ${problem}`,
    );
  try {
    const { value, duplicateFields } = decodeByType(body, parseMediaType(contentType ?? '').type);
    if (isJsonObject(value)) return { value, duplicateFields };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unrecognized(error.message);
  }
  throw unrecognized('json parse error: the body is not an object');
}

/** Any JSON value: a merge patch, a JSON patch. */
export function decodePatchBody(body: Buffer): DecodedBody<unknown> {
  try {
    return decodeJson(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw apiError('BadRequest', `error decoding patch: ${error.message}`);
  }
}

/** The object of a server-side apply, which is YAML by name and mostly JSON. */
export function decodeApplyBody(body: Buffer): DecodedBody<JsonObject> {
  const unusable = (problem: string): Error => apiError('BadRequest', `error decoding YAML: ${problem}`);
  try {
    const decoded = decodeJsonOrYaml(body);
    if (isJsonObject(decoded.value)) return { ...decoded, value: decoded.value };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw unusable(error.message);
  }
  throw unusable('the body is not an object');
}

/** JSON is tried first: it tells repeated keys apart from wrong ones. */
function decodeJsonOrYaml(body: Buffer): DecodedBody<unknown> {
  try {
    return decodeJson(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { value: decodeYaml(body), duplicateFields: [] };
  }
}

function decodeByType(body: Buffer, type: string): DecodedBody<unknown> {
  switch (type) {
    case '':
    case 'application/json':
      return decodeJson(body);
    case 'application/yaml':
      return { value: decodeYaml(body), duplicateFields: [] };
    case 'application/vnd.kubernetes.protobuf':
      return { value: decodeProtobuf(body), duplicateFields: [] };
    default:
      throw unsupportedMediaType(`${textTypes}, application/vnd.kubernetes.protobuf`);
  }
}

function decodeProtobuf(body: Buffer): JsonObject {
  if (!isProtobuf(body)) throw new DecodeError('protobuf parse error: the body does not start with k8s');
  const value = decodeProtobufObject(body);
  if (value === undefined) throw unsupportedMediaType(textTypes);
  return value;
}

export function unsupportedMediaType(accepted: string, hint = ''): Error {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted}`;
  return apiError('UnsupportedMediaType', message + hint);
}
