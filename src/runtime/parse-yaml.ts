import { loadYaml } from '@kubernetes/client-node';

/** One YAML document that a person wrote. Throws with line and column where it is none. */
export function parseYaml(text: string): unknown {
  return loadYaml<unknown>(text);
}
