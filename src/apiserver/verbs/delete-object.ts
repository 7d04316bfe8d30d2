import { isApiError } from '../../api/api-error.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import { type ResourceKind, resourceDetails } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';
import { type DeleteOptions, readDeleteOptions } from './delete-options.ts';
import { listObjects } from './list-objects.ts';
import { placeOf } from './object-place.ts';
import { removeObject } from './remove-object.ts';
import type { ListAnswer, ObjectAnswer, PlainAnswer, ResourceContext } from './resource-context.ts';

export async function deleteObject(
  deps: ServerDeps,
  context: ResourceContext,
): Promise<ObjectAnswer | PlainAnswer> {
  const { exchange } = context;
  const options = await readDeleteOptions(exchange);
  const removal = { ...context, place: placeOf(context), options };
  const { object, isGone } = await removeObject(deps, removal, exchange.signal);
  if (!isGone) return { kind: 'object', code: 200, object };
  return { kind: 'plain', code: 200, body: successStatus(context.kind, object) };
}

function successStatus({ served }: ResourceKind, object: JsonObject): object {
  const { name, uid } = metadataOf(object);
  const { group, kind } = resourceDetails(served);
  const details = { name, ...(group === '' ? {} : { group }), kind, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** Deletes what a list with the same parameters shows; who has gone meanwhile is not missed. */
export async function deleteCollection(deps: ServerDeps, context: ResourceContext): Promise<ListAnswer> {
  const options = await readDeleteOptions(context.exchange);
  const list = await listObjects(deps, context);
  for (const entry of list.entries) {
    await removeListed(deps, context, { object: context.kind.codec.decode(entry), options });
  }
  return list;
}

interface Listed {
  readonly object: JsonObject;
  readonly options: DeleteOptions;
}

async function removeListed(
  deps: ServerDeps,
  context: ResourceContext,
  { object, options }: Listed,
): Promise<void> {
  const { name, namespace } = metadataOf(object);
  try {
    await removeObject(deps, { ...context, place: { name, namespace }, options }, context.exchange.signal);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
