import { createPublicKey } from 'node:crypto';
import { apiError } from '../../api/api-error.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import { checkMayActAs } from '../admission/identity.ts';
import { decodeObject } from '../decode/decode-body.ts';
import { headerOf } from '../http/exchange.ts';
import { readBody } from '../http/request-body.ts';
import { metaTypes } from '../openapi/schema-names.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { fieldCause, invalidObject } from '../schema/field-cause.ts';
import { type JsonObject, isJsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { getObject } from '../verbs/get-object.ts';
import type { PlainAnswer, ResourceContext } from '../verbs/resource-context.ts';
import type { ObjectPart, PartDocument } from './object-part.ts';

const document: PartDocument = {
  group: 'muster.dev',
  version: 'v1alpha1',
  kind: 'CertificateRequest',
  schemaName: metaTypes.certificateRequest,
};
const yearSeconds = 365 * 24 * 3_600;
const seconds = { byDefault: yearSeconds, least: 600, most: 10 * yearSeconds };

/** `muster auth add`: signs a key that was made elsewhere. Answered at once, never stored. */
export const certificatePart: ObjectPart = {
  name: 'certificate',
  verbs: ['create'],
  document,
  isPartOf: ({ group, plural }) => group === 'muster.dev' && plural === 'identities',
  handle: issueCertificate,
};

async function issueCertificate(deps: ServerDeps, context: ResourceContext): Promise<PlainAnswer> {
  const { exchange, user } = context;
  const { signCertificate, authorizer, clock } = deps;
  if (signCertificate === undefined) throw apiError('MethodNotAllowed', 'this server signs no certificates');
  const contentType = headerOf(exchange.request, 'content-type');
  const { value } = decodeObject(await readBody(exchange), contentType, document.kind);
  const { object } = await getObject(deps, context);
  const { name, uid = '', deletionTimestamp } = metadataOf(object);
  checkMayActAs(user, name, object, authorizer);
  if (deletionTimestamp !== undefined) throw apiError('Conflict', `identities "${name}" is being deleted`);
  const spec = isJsonObject(value['spec']) ? value['spec'] : {};
  const publicKeyPem = readPublicKey(spec, name);
  const expirationSeconds = readSeconds(spec, name);
  const expiresAtMs = clock.now() + expirationSeconds * 1_000;
  const certificate = await signCertificate({ user: name, uid, publicKeyPem, expiresAtMs });
  const body = {
    kind: document.kind,
    apiVersion: 'muster.dev/v1alpha1',
    metadata: { name, creationTimestamp: formatTimestamp(clock.now()) },
    spec: { publicKey: publicKeyPem, expirationSeconds },
    status: { certificate, expirationTimestamp: formatTimestamp(expiresAtMs) },
  };
  return { kind: 'plain', code: 201, body };
}

function readPublicKey({ publicKey }: JsonObject, name: string): string {
  try {
    const key = createPublicKey(String(publicKey));
    const isP256 = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    const isPublic = !String(publicKey).includes('PRIVATE KEY');
    if (isP256 && isPublic) return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    // Said below: it came from outside, and what is wrong with it in detail helps nobody.
  }
  // The value is not repeated: it may be a private key, given by mistake.
  const problem = 'has to be a public key on the curve P-256, in PEM ("BEGIN PUBLIC KEY")';
  throw invalidObject(document, name, [fieldCause.invalid('spec.publicKey', '<hidden>', problem)]);
}

function readSeconds({ expirationSeconds = seconds.byDefault }: JsonObject, name: string): number {
  const value = Number(expirationSeconds);
  if (Number.isInteger(value) && value >= seconds.least && value <= seconds.most) return value;
  const problem = `has to be from ${seconds.least} (10 minutes) to ${seconds.most} (10 years)`;
  throw invalidObject(document, name, [
    fieldCause.invalid('spec.expirationSeconds', expirationSeconds, problem),
  ]);
}
