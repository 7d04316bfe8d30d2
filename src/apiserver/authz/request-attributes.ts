import { type RequestInfo, pinnedName } from '../http/request-info.ts';
import type { Attributes } from './policy-rule.ts';

/** What RBAC is asked about a request. */
export function attributesOf(info: RequestInfo, query: URLSearchParams): Attributes {
  if (!info.isResource) return { verb: info.verb === 'head' ? 'get' : info.verb, path: info.path };
  const { verb, group, resource, subresource } = info;
  const isCollection = verb === 'list' || verb === 'watch' || verb === 'deletecollection';
  const name = info.name ?? (isCollection ? pinnedName(query) : undefined);
  // A Namespace counts as lying in itself, so that a Role in it can allow to read it.
  const namespace = group === '' && resource === 'namespaces' ? info.name : info.namespace;
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
