/**
 * The deprecated form of watches, `/apis/GROUP/VERSION/watch/…`, as the form of today. Old client libraries still send it.
 */
export function rewriteWatchPrefix(url: URL): URL {
  const match =
    /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)\/watch\/(namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?\/?$/u.exec(
      url.pathname,
    );
  if (match === null) return url;
  const [, version = '', namespace = '', resource = '', name] = match;
  const rewritten = new URL(url);
  rewritten.pathname = `${version}/${namespace}${resource}`;
  rewritten.searchParams.set('watch', 'true');
  if (name !== undefined) {
    rewritten.searchParams.set('fieldSelector', `metadata.name=${decodeURIComponent(name)}`);
  }
  return rewritten;
}
