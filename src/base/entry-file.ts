/**
 * Where a thread or process of our own starts: `source` beside the calling module, or, when that was
 * bundled, the file of the same name beside the bundle.
 */
export function entryFile(moduleUrl: string, source: string): URL {
  const isBundled = moduleUrl.endsWith('.js');
  const name = source.replace(/^.*\//, '').replace(/\.ts$/, '.js');
  return new URL(isBundled ? `./${name}` : source, moduleUrl);
}
