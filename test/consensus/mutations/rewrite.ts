import type { Mutation } from './mutation.ts';

/** The module with the one line replaced. A line that is gone, or is there twice, is an error: then nothing is proven. */
export function rewrite(source: string, { name, file, find, replacement }: Mutation): string {
  const count = source.split(find).length - 1;
  if (count === 1) return source.replace(find, () => replacement);
  throw new Error(`mutation "${name}": ${file} has ${count} times, not once: ${find}`);
}
