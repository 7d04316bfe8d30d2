import { isJsonObject, type JsonObject, ownProperty } from '../schema/json-object.ts';

export function managedFieldsOf(object: JsonObject): unknown {
  const metadata = ownProperty(object, 'metadata');
  return isJsonObject(metadata) ? ownProperty(metadata, 'managedFields') : undefined;
}
