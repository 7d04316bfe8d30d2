/** Texts that objects have in common, one copy of each: what comes from the API as JSON is new with each object. */
export interface SharedTexts {
  /** Exchanges the texts in it for equal ones, in place. */
  share(value: object): void;
}

// What is the same everywhere is hardly ever long, and what is long would be most of what this keeps.
const maxTexts = 4_096;
const lengths = { least: 4, most: 256 };

/**
 * Thousands of objects of one kind say the same things of themselves: types, reasons and messages of conditions, times,
 * digests. These are half of what a cache of them takes.
 */
export function createSharedTexts(): SharedTexts {
  const texts = new Map<string, string>();
  const one = (text: string): string => {
    if (text.length < lengths.least || text.length > lengths.most) return text;
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= maxTexts) texts.clear();
    texts.set(text, text);
    return text;
  };
  const share = (value: object): void => {
    if (Object.isFrozen(value)) return;
    const members = value as Record<string, unknown>; // arrays too: their indexes are keys
    for (const key of Object.keys(members)) {
      const member = members[key];
      if (typeof member === 'string') members[key] = one(member);
      else if (typeof member === 'object' && member !== null) share(member);
    }
  };
  return { share };
}
