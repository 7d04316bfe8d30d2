interface Syntax {
  readonly pattern: string;
  readonly maxBytes: number;
  readonly rule: string;
  readonly examples: readonly string[];
}

const dnsLabelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const qualifiedPattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const dnsLabel: Syntax = {
  pattern: dnsLabelPattern,
  maxBytes: 63,
  rule:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    'and must start and end with an alphanumeric character',
  examples: ['my-name', '123-abc'],
};
const dnsSubdomain: Syntax = {
  pattern: `${dnsLabelPattern}(\\.${dnsLabelPattern})*`,
  maxBytes: 253,
  rule:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
    'and must start and end with an alphanumeric character',
  examples: ['example.com'],
};
const qualifiedName: Syntax = {
  pattern: qualifiedPattern,
  maxBytes: 63,
  rule:
    "must consist of alphanumeric characters, '-', '_' or '.', " +
    'and must start and end with an alphanumeric character',
  examples: ['MyName', 'my.name', '123-abc'],
};
const labelValue: Syntax = {
  pattern: `(${qualifiedPattern})?`,
  maxBytes: 63,
  rule:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
    'and must start and end with an alphanumeric character',
  examples: ['MyValue', 'my_value', '12345'],
};

/** Each check answers the problems of a text in the words of Kubernetes; none means it is well formed. */
export function checkDnsLabel(text: string): string[] {
  return check(text, dnsLabel);
}

export function checkDnsSubdomain(text: string): string[] {
  return check(text, dnsSubdomain);
}

export function checkLabelValue(text: string): string[] {
  return check(text, labelValue);
}

/** Label and annotation keys, finalizers: `name` or `dns.prefix/name`. */
export function checkQualifiedName(text: string): string[] {
  const parts = text.split('/');
  const [prefix, name] = parts.length === 1 ? [undefined, text] : [parts[0], parts[1]];
  if (parts.length > 2 || name === undefined) {
    return [
      `a qualified name ${describeSyntax(qualifiedName)} with an optional DNS subdomain prefix and '/' ` +
        "(e.g. 'example.com/MyName')",
    ];
  }
  return [...checkPrefix(prefix), ...checkNamePart(name)];
}

/** RBAC names: anything that can stand as one segment of a URL path. */
export function checkPathSegment(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((sign) => text.includes(sign)).map((sign) => `may not contain '${sign}'`);
}

function checkPrefix(prefix: string | undefined): string[] {
  if (prefix === undefined) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return check(prefix, dnsSubdomain).map((problem) => `prefix part ${problem}`);
}

function checkNamePart(name: string): string[] {
  if (name === '') return ['name part must be non-empty'];
  return check(name, qualifiedName).map((problem) => `name part ${problem}`);
}

function check(text: string, syntax: Syntax): string[] {
  // The length comes first: the patterns take quadratic time, which is nothing for 253 characters only.
  if (Buffer.byteLength(text) > syntax.maxBytes) return [`must be no more than ${syntax.maxBytes} bytes`];
  return new RegExp(`^${syntax.pattern}$`, 'u').test(text) ? [] : [describeSyntax(syntax)];
}

function describeSyntax({ rule, examples, pattern }: Syntax): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`;
}
