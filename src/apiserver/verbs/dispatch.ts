import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiError } from '../../api/api-error.ts';
import type { ResourceVerb } from '../http/request-info.ts';
import { partsOf } from '../parts/object-parts.ts';
import { resourceDetails } from '../registry/resource-kind.ts';
import { answerReview, isReview } from '../reviews/answer-review.ts';
import type { ServerDeps } from '../server-deps.ts';
import { createObject } from './create-object.ts';
import { deleteCollection, deleteObject } from './delete-object.ts';
import { getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { notFound } from './object-place.ts';
import { patchObject } from './patch-object.ts';
import type { ResourceContext, VerbAnswer } from './resource-context.ts';
import type { Subresource } from './subresource.ts';
import { updateObject } from './update-object.ts';
import { watchObjects } from './watch-objects.ts';

type VerbHandler = (deps: ServerDeps, context: ResourceContext) => Promise<VerbAnswer>;

const handlers: Readonly<Record<ResourceVerb, VerbHandler>> = {
  create: createObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
  get: getObject,
  list: listObjects,
  patch: patchObject,
  update: updateObject,
  watch: watchObjects,
};

export async function dispatch(
  deps: ServerDeps,
  context: ResourceContext,
  subresources: readonly Subresource[],
): Promise<VerbAnswer> {
  const { info, kind } = context;
  if (isReview(kind)) {
    if (info.verb !== 'create') throw notSupported(context);
    return answerReview(deps, context);
  }
  if (info.subresource === undefined) return handleObject(deps, context);
  const part = partsOf(kind.served).find(({ name }) => name === info.subresource);
  if (part !== undefined) {
    if (!part.verbs.includes(info.verb)) throw notSupported(context);
    return part.handle(deps, context);
  }
  const subresource = findSubresource(subresources, context);
  if (subresource === undefined) throw notFound(kind, info.name ?? '');
  if (!subresource.verbs.includes(info.verb)) throw notSupported(context);
  return handleSubresource(deps, context, subresource);
}

function handleObject(deps: ServerDeps, context: ResourceContext): Promise<VerbAnswer> {
  const { verb, name } = context.info;
  // A POST to an object's path; the name belongs into the body.
  if (verb === 'create' && name !== undefined) throw notSupported(context);
  return handlers[verb](deps, context);
}

function findSubresource(
  subresources: readonly Subresource[],
  { info, kind }: ResourceContext,
): Subresource | undefined {
  const { group, plural } = kind.served;
  return subresources.find(
    (candidate) =>
      candidate.group === group && candidate.plural === plural && candidate.name === info.subresource,
  );
}

async function handleSubresource(
  deps: ServerDeps,
  context: ResourceContext,
  subresource: Subresource,
): Promise<VerbAnswer> {
  const { exchange, info, user } = context;
  const { object } = await getObject(deps, context);
  await subresource.handle({
    verb: info.verb,
    object,
    rest: info.rest,
    query: exchange.url.searchParams,
    user,
    // Both versions of HTTP have the same methods; handlers need not know which one it is.
    request: exchange.request as IncomingMessage,
    response: exchange.response as ServerResponse,
    signal: AbortSignal.any([exchange.signal, deps.stopping]),
  });
  return { kind: 'written' };
}

function notSupported({ info, kind }: ResourceContext): Error {
  const message = `${info.verb} is not supported on resources of kind "${kind.served.plural}"`;
  return apiError('MethodNotAllowed', message, resourceDetails(kind.served));
}
