import { CelEvaluationError } from '../cel-error.ts';
import { CelEntries, CelOpaque } from '../cel-value.ts';
import { type Overload, overload, scanCost } from '../overload.ts';

const scan = { cost: scanCost };

class CelUrl extends CelOpaque {
  readonly typeName = 'url';
  readonly url: URL;
  /** An absolute path has no scheme and no host. */
  readonly isPathOnly: boolean;

  constructor(url: URL, isPathOnly: boolean) {
    super();
    this.url = url;
    this.isPathOnly = isPathOnly;
  }

  get text(): string {
    return this.isPathOnly ? `${this.url.pathname}${this.url.search}` : this.url.href;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof CelUrl && other.text === this.text;
  }

  ofHost(part: (url: URL) => string): string {
    return this.isPathOnly ? '' : part(this.url);
  }
}

export const urlOverloads: readonly Overload[] = [
  overload('url(string): url', readUrl, scan),
  overload('isURL(string): bool', (text: string) => parseUrl(text) !== undefined, scan),
  overload('url.getScheme(): string', (url: CelUrl) =>
    url.ofHost(({ protocol }) => protocol.replace(/:$/u, '')),
  ),
  overload('url.getHost(): string', (url: CelUrl) => url.ofHost(({ host }) => host)),
  overload('url.getHostname(): string', (url: CelUrl) =>
    url.ofHost(({ hostname }) => hostname.replaceAll(/[[\]]/gu, '')),
  ),
  overload('url.getPort(): string', (url: CelUrl) => url.ofHost(({ port }) => port)),
  overload('url.getEscapedPath(): string', ({ url }: CelUrl) => url.pathname),
  overload('url.getQuery(): map<string, list<string>>', ({ url }: CelUrl) => queryOf(url)),
];

function readUrl(text: string): CelUrl {
  const url = parseUrl(text);
  if (url !== undefined) return url;
  throw new CelEvaluationError(`URL parse error during conversion from string: ${JSON.stringify(text)}`);
}

function parseUrl(text: string): CelUrl | undefined {
  if (/[\s\u0000-\u001f]/u.test(text)) return undefined;
  if (text.startsWith('/')) {
    const url = URL.parse(`http://localhost${text.startsWith('//') ? '' : text}`);
    return url === null ? undefined : new CelUrl(url, true);
  }
  const url = /^[A-Za-z][A-Za-z0-9+.-]*:/u.test(text) ? URL.parse(text) : null;
  return url === null ? undefined : new CelUrl(url, false);
}

function queryOf(url: URL): CelEntries {
  const names = [...new Set(url.searchParams.keys())];
  return new CelEntries(names.map((name) => [name, url.searchParams.getAll(name)] as const));
}
