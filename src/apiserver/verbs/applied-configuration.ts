import { apiError } from '../../api/api-error.ts';
import { managedFieldsOf } from '../managed-fields/managed-fields-of.ts';
import { checkConfiguration } from '../managed-fields/typed/check-configuration.ts';
import { typeOfObject } from '../managed-fields/typed/field-type.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { checkEnvelope } from '../registry/prepare-object.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { checkNameMatches, checkNamespaceMatches } from './object-place.ts';
import type { ResourceContext } from './resource-context.ts';

/** The configuration with its name, limited to what the request can write; throws the 400 for everything wrong with it. */
export function checkApplied(context: ResourceContext, place: ObjectPlace, value: JsonObject): JsonObject {
  const { kind } = context;
  const { apiVersion = '', kind: given = '' } = value;
  if (apiVersion === '' || given === '') {
    const type = `${groupVersionText(apiVersion)}, Kind=${typeof given === 'string' ? given : ''}`;
    throw apiError('BadRequest', `invalid object type: ${type}: apply needs apiVersion and kind`);
  }
  const object = checkEnvelope(kind, value);
  if (managedFieldsOf(object) !== undefined) {
    throw apiError('BadRequest', 'metadata.managedFields must be nil');
  }
  const named = withMetadata(object, { ...metadataOf(object), name: metadataOf(object).name || place.name });
  checkNameMatches(place, named);
  checkNamespaceMatches(context, named);
  const problems = checkConfiguration(named, typeOfObject(kind.served.schema));
  if (problems.length > 0) throw cannotApply(context, place, problems);
  return limitToPart(context, named);
}

/** The status is applied through its own address, where nothing else is. */
function limitToPart({ kind, info }: ResourceContext, configuration: JsonObject): JsonObject {
  const { status, ...rest } = configuration;
  if (info.subresource !== 'status') return kind.served.statusSubresource ? rest : configuration;
  const { apiVersion, kind: name, metadata } = configuration;
  const { name: objectName, namespace, uid, resourceVersion } = metadata as JsonObject; // checkEnvelope has seen it
  const given = Object.entries({ name: objectName, namespace, uid, resourceVersion });
  const identity = Object.fromEntries(given.filter(([, text]) => text !== undefined));
  return { apiVersion, kind: name, metadata: identity, ...(status === undefined ? {} : { status }) };
}

function cannotApply({ kind }: ResourceContext, place: ObjectPlace, problems: readonly string[]): Error {
  const [first = ''] = problems;
  const text = problems.length === 1 ? first : `errors:\n${problems.map((line) => `  ${line}`).join('\n')}`;
  const what = `${place.namespace ?? ''}/${place.name}; ${kind.apiVersion}, Kind=${kind.served.kind}`;
  return apiError('BadRequest', `failed to create typed patch object (${what}): ${text}`);
}

function groupVersionText(apiVersion: unknown): string {
  const text = typeof apiVersion === 'string' ? apiVersion : '';
  return text.includes('/') ? text : `/${text}`;
}
