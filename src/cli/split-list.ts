import { UsageError } from './usage-error.ts';

/** `a,b`: at least one, none of them empty or twice. */
export function splitList(text: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes(''))
    throw new UsageError(`"${text}" has an empty part: separate names by one comma each`);
  const twice = parts.find((part, index) => parts.indexOf(part) !== index);
  if (twice !== undefined) throw new UsageError(`"${twice}" is named twice`);
  return parts;
}
