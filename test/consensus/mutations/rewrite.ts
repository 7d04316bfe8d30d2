import type { Edit } from './mutation.ts';

/** The module with one piece replaced. A piece that is gone, or is there twice, is an error: then nothing is proven. */
export function rewrite(source: string, { file, find, replacement }: Edit): string {
  const count = source.split(find).length - 1;
  if (count === 1) return source.replace(find, () => replacement);
  throw new Error(`${file} has ${count} times, not once: ${find}`);
}
