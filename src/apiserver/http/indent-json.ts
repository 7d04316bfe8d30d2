import { type Exchange, headerOf } from './exchange.ts';

/** People read with these; everybody else is served faster without. */
const readers = /^(?:curl|Wget|Mozilla\/5\.0)/u;

export function wantsIndented({ url, request, isStream }: Exchange): boolean {
  if (isStream) return false;
  const asked = url.searchParams.get('pretty');
  if (asked !== null) return ['', '1', 'true'].includes(asked);
  return readers.test(headerOf(request, 'user-agent') ?? '');
}

/** Numbers stay as they are written: some have more digits than a number of JavaScript. */
export function indentJson(text: string): string {
  const value = sourceJson.parse(text, (_key, member, { source }) =>
    typeof member === 'number' && source !== undefined ? sourceJson.rawJSON(source) : member,
  );
  return `${JSON.stringify(value, null, 2)}\n`;
}

type Revive = (key: string, member: unknown, context: { readonly source?: string }) => unknown;

// Newer than the types of the standard library that TypeScript has.
const sourceJson = JSON as unknown as {
  parse: (text: string, revive: Revive) => unknown;
  rawJSON: (text: string) => unknown;
};
