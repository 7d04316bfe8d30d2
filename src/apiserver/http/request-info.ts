/** What a request is about, read from its method and URL alone; authorization and routing stand on it. */
export type RequestInfo = PathRequest | ResourceRequest;

export interface PathRequest {
  readonly isResource: false;
  readonly verb: string;
  readonly path: string;
}

export interface ResourceRequest {
  readonly isResource: true;
  readonly verb: ResourceVerb;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** What follows the sub-resource, such as a file's path. */
  readonly rest: string;
}

export type ResourceVerb =
  'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

const namespaceSubresources = new Set(['finalize', 'status']);

/** Answers undefined for a path that is not well-formed percent encoding. */
export function parseRequestInfo(method: string, url: URL): RequestInfo | undefined {
  const segments = decodeSegments(url.pathname);
  if (segments === undefined) return undefined;
  const place = locateResource(segments);
  if (place === undefined) return { isResource: false, verb: method.toLowerCase(), path: url.pathname };
  const verb = verbOf(method, place.name !== undefined, url.searchParams);
  return { isResource: true, verb, path: url.pathname, ...place };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    const segments = path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    // A control character belongs to no name, and would only confuse who reads the log.
    return segments.some((segment) => /[\u0000-\u001f\u007f]/u.test(segment)) ? undefined : segments;
  } catch {
    // decodeURIComponent throws on a lone percent sign; no such object can exist.
    return undefined;
  }
}

type Place = Omit<ResourceRequest, 'isResource' | 'path' | 'verb'>;

function locateResource(segments: readonly string[]): Place | undefined {
  const [prefix, ...afterPrefix] = segments;
  if (prefix === 'api') return locateInVersion('', afterPrefix);
  if (prefix === 'apis') {
    const [group, ...rest] = afterPrefix;
    return group === undefined ? undefined : locateInVersion(group, rest);
  }
  return undefined;
}

function locateInVersion(group: string, [version, ...parts]: readonly string[]): Place | undefined {
  if (version === undefined || parts.length === 0) return undefined;
  const [first, second, third] = parts;
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    if (!namespaceSubresources.has(third)) {
      return { group, version, namespace: second, ...resourceParts(parts.slice(2)) };
    }
  }
  return { group, version, ...resourceParts(parts) };
}

function resourceParts(parts: readonly string[]): Pick<Place, 'name' | 'resource' | 'rest' | 'subresource'> {
  const [resource = '', name, subresource, ...rest] = parts;
  return {
    resource,
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
    rest: rest.join('/'),
  };
}

function verbOf(method: string, hasName: boolean, query: URLSearchParams): ResourceVerb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      if (hasName) return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
  }
}

/** Query flags as Go's strconv.ParseBool reads them; the empty text of `?watch` counts as true. */
export function isTrue(text: string | null): boolean {
  return text !== null && ['', '1', 'T', 'TRUE', 'True', 't', 'true'].includes(text);
}

/** The name that `fieldSelector=metadata.name=X` pins, so that rules with resourceNames cover list and watch. */
export function pinnedName(query: URLSearchParams): string | undefined {
  for (const requirement of (query.get('fieldSelector') ?? '').split(',')) {
    const match = /^metadata\.name==?(.+)$/.exec(requirement);
    if (match?.[1] !== undefined) return match[1];
  }
  return undefined;
}
