import { apiError } from '../../api/api-error.ts';
import { type Exchange, headerOf } from './exchange.ts';
import { type Representation, chooseRepresentation } from './accept.ts';
import type { ResourceVerb } from './request-info.ts';

const objectShapes: readonly Representation['shape'][] = ['metadata', 'object', 'table'];
const listShapes: readonly Representation['shape'][] = ['metadata-list', 'object', 'table'];
const accepted = 'application/json, application/yaml';

/** How the answer to this request is written; refuses what the client cannot take. */
export function chooseShape(
  { request }: Exchange,
  verb: ResourceVerb,
  isSubresource: boolean,
): Representation {
  const header = headerOf(request, 'accept');
  const shapes = verb === 'list' || verb === 'deletecollection' ? listShapes : objectShapes;
  const isStream = verb === 'watch';
  const chosen = chooseRepresentation(
    header,
    ({ shape, encoding }) => shapes.includes(shape) && !(isStream && encoding === 'yaml'),
  );
  if (chosen !== undefined) return chosen;
  // What a sub-resource sends, such as an image, is for its handler to know.
  if (isSubresource) return { shape: 'object', encoding: 'json', metaVersion: 'v1' };
  const types = isStream ? 'application/json;stream=watch' : accepted;
  throw apiError('NotAcceptable', `only the following media types are accepted: ${types}`);
}
