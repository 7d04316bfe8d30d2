import type { KubernetesObject } from '../../api/meta.ts';

/**
 * The object without the fields that a conflict names, such as `.spec.driver`. Of a list only the whole can be left
 * out: half of it would be another wish.
 */
export function dropFields(object: KubernetesObject, paths: readonly string[]): KubernetesObject {
  return paths.reduce((rest, path) => dropField(rest, path), object);
}

/** Names may hold dots, so the path is matched against the names that there are, the longest first. */
function dropField<T extends object>(object: T, path: string): T {
  const names = Object.keys(object).toSorted((left, right) => right.length - left.length);
  const name = names.find((candidate) => startsWithStep(path, candidate));
  if (name === undefined) return object;
  const below = path.slice(name.length + 1);
  const { [name]: value, ...others } = object as Readonly<Record<string, unknown>>;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const rest = isMap && below !== '' ? { [name]: dropField(value, below) } : {};
  return { ...others, ...rest } as T; // the same object with less in it
}

function startsWithStep(path: string, name: string): boolean {
  return path.startsWith(`.${name}`) && ['', '.', '['].includes(path.charAt(name.length + 1));
}
