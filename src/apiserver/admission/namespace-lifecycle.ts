import { apiError } from '../../api/api-error.ts';
import { metadataOf, withMetadata } from '../registry/metadata-of.ts';
import { qualifiedResource, resourceDetails } from '../registry/resource-kind.ts';
import { namespacePrefix } from '../registry/storage-key.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { AdmissionRequest, AdmissionRule, Admitted } from './admission-rule.ts';

export const immortalNamespaces: readonly string[] = ['default', 'kube-system', 'muster-system'];

/** Objects are created only in namespaces that exist and stay; a few namespaces always stay. */
export const admitNamespaceLifecycle: AdmissionRule = (request, { store }) => {
  const { operation, kind, place, object } = request;
  if (kind.prefix === namespacePrefix) {
    if (operation === 'delete') refuseImmortal(request);
    return completeNamespace(request, object);
  }
  if (operation !== 'create' || !kind.served.namespaced || place.namespace === undefined) return undefined;
  const entry = store.get(namespacePrefix + place.namespace);
  if (entry === undefined) {
    const message = `namespaces "${place.namespace}" not found`;
    throw apiError('NotFound', message, { name: place.namespace, kind: 'namespaces' });
  }
  const namespace = decodeStoredJson(entry.value) as JsonObject;
  if (metadataOf(namespace).deletionTimestamp !== undefined) throw terminating(request, place.namespace);
  // A namespace that starts to go in this very moment must not keep a newborn object behind.
  return { conditions: [{ key: entry.key, revision: entry.revision }] };
};

const nameLabel = 'kubernetes.io/metadata.name';

/** Selectors find a namespace by its label, and its finalizer keeps it until it is empty. */
function completeNamespace(
  { operation, place, subresource }: AdmissionRequest,
  object: JsonObject | undefined,
): Admitted | undefined {
  if (object === undefined || subresource !== undefined) return undefined;
  const metadata = metadataOf(object);
  const labelled = withMetadata(object, {
    ...metadata,
    labels: { ...metadata.labels, [nameLabel]: place.name },
  });
  if (operation !== 'create') return { object: labelled };
  return { object: { ...labelled, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } };
}

function refuseImmortal({ kind, place }: AdmissionRequest): void {
  if (!immortalNamespaces.includes(place.name)) return;
  const message = `namespaces "${place.name}" is forbidden: this namespace may not be deleted`;
  throw apiError('Forbidden', message, resourceDetails(kind.served, place.name));
}

function terminating({ kind, place }: AdmissionRequest, namespace: string): Error {
  const problem = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `${qualifiedResource(kind.served)} "${place.name}" is forbidden: ${problem}`;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return apiError('Forbidden', message, { ...resourceDetails(kind.served, place.name), causes: [cause] });
}
