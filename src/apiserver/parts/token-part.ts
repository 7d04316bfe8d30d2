import { formatTimestamp } from '../../api/timestamp.ts';
import { decodeObject } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { metaTypes } from '../openapi/schema-names.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { storageKey, storagePrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { getObject } from '../verbs/get-object.ts';
import type { PlainAnswer, ResourceContext } from '../verbs/resource-context.ts';
import type { ObjectPart, PartDocument } from './object-part.ts';

const document: PartDocument = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  schemaName: metaTypes.tokenRequest,
};
const seconds = { byDefault: 3_600, least: 600, most: 2 ** 32 };

/** `kubectl create token`: answered at once, never stored. */
export const tokenPart: ObjectPart = {
  name: 'token',
  verbs: ['create'],
  document,
  isPartOf: ({ builtIn, group, plural }) => builtIn && group === '' && plural === 'serviceaccounts',
  handle: issueToken,
};

async function issueToken(deps: ServerDeps, context: ResourceContext): Promise<PlainAnswer> {
  const { exchange } = context;
  const contentType = headerOf(exchange.request, 'content-type');
  const { value } = decodeObject(await readBody(exchange), contentType, document.kind);
  const spec = isJsonObject(value['spec']) ? value['spec'] : {};
  const { object } = await getObject(deps, context);
  const { name, namespace = '', uid = '' } = metadataOf(object);
  const expirationSeconds = readSeconds(spec, name);
  const audiences = Array.isArray(spec['audiences']) ? spec['audiences'].map(String) : [];
  const boundSecret = readBoundSecret(deps, spec, { name, namespace });
  const { token, expiresAtMs } = await deps.tokens.issue({
    ...{ namespace, name, uid, audiences, expirationSeconds },
    ...(boundSecret === undefined ? {} : { boundSecret }),
  });
  const body = {
    kind: document.kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: formatTimestamp(deps.clock.now()) },
    spec: { ...spec, audiences, expirationSeconds },
    status: { token, expirationTimestamp: formatTimestamp(expiresAtMs) },
  };
  return { kind: 'plain', code: 201, body };
}

function readSeconds(spec: JsonObject, name: string): number {
  const given = spec['expirationSeconds'] ?? seconds.byDefault;
  const value = Number(given);
  if (Number.isInteger(value) && value >= seconds.least && value <= seconds.most) return value;
  const problem =
    value < seconds.least
      ? 'may not specify a duration less than 10 minutes'
      : 'may not specify more than 2^32 seconds';
  throw invalidObject(document, name, [fieldCause.invalid('spec.expirationSeconds', given, problem)]);
}

function readBoundSecret(
  { store }: ServerDeps,
  spec: JsonObject,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): { readonly name: string; readonly uid: string } | undefined {
  const reference = spec['boundObjectRef'];
  if (!isJsonObject(reference)) return undefined;
  const refuse = (field: string, problem: string): Error =>
    invalidObject(document, name, [
      fieldCause.invalid(`spec.boundObjectRef.${field}`, reference[field] ?? '', problem),
    ]);
  if (reference['kind'] !== 'Secret') throw refuse('kind', 'a token can be bound to a Secret here');
  const secretName = String(reference['name']);
  const entry = store.get(storageKey(storagePrefix('', 'secrets'), { namespace, name: secretName }));
  const uid = entry === undefined ? undefined : metadataOf(decodeStoredJson(entry.value) as JsonObject).uid;
  if (uid === undefined) throw refuse('name', `there is no Secret of this name in namespace ${namespace}`);
  const wanted = reference['uid'];
  if (typeof wanted === 'string' && wanted !== '' && wanted !== uid) {
    throw refuse('uid', 'the Secret of this name has another uid');
  }
  return { name: secretName, uid };
}
