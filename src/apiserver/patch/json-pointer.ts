/** The unescaped segments of an RFC 6901 pointer; empty for the whole document. */
export type Pointer = readonly string[];

/** Undefined when the text is no pointer. */
export function parsePointer(text: string): Pointer | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
