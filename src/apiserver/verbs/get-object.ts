import type { ServerDeps } from '../server-deps.ts';
import { keyOfPlace, notFound, placeOf } from './object-place.ts';
import { parseResourceVersion, reachRevision } from './read-revision.ts';
import type { ObjectAnswer, ResourceContext } from './resource-context.ts';

export async function getObject(deps: ServerDeps, context: ResourceContext): Promise<ObjectAnswer> {
  const { exchange, kind } = context;
  const place = placeOf(context);
  const wanted = parseResourceVersion(exchange.url.searchParams.get('resourceVersion'), 'GetOptions');
  await reachRevision(deps, wanted, exchange.signal);
  const entry = deps.store.get(keyOfPlace(kind, place));
  if (entry === undefined) throw notFound(kind, place.name);
  return { kind: 'object', code: 200, object: kind.codec.decode(entry) };
}
