/** What `config` of an Instance or a Profile may hold; of all other kinds only what is your own. */
export const instanceConfigPrefixes: readonly string[] = ['environment.', 'user.'];
export const ownConfigPrefixes: readonly string[] = ['user.'];

const environmentPrefix = 'environment.';
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * One sentence for each key that nothing would act on, because a structural schema cannot limit the keys of a map.
 * Keys come from LXD, so for those that became a field the sentence says which.
 */
export function findConfigProblems(
  config: Readonly<Record<string, string>>,
  prefixes: readonly string[],
): readonly string[] {
  return Object.keys(config)
    .toSorted()
    .flatMap((key) => problemOf(key, prefixes) ?? []);
}

function problemOf(key: string, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((known) => key.startsWith(known) && key.length > known.length);
  if (prefix === undefined) {
    const field = fieldOfKey.get(key);
    if (field !== undefined) return `the config key "${key}" is the field ${field} here`;
    const known = prefixes.map((each) => `"${each}"`).join(' or ');
    return `the config key "${key}" is not served by this release; keys begin with ${known}`;
  }
  if (prefix !== environmentPrefix || variableName.test(key.slice(prefix.length))) return undefined;
  return `the config key "${key}" names no environment variable: letters, digits and underscores, no digit first`;
}

const fieldOfKey: ReadonlyMap<string, string> = new Map([
  ['boot.autostart', 'spec.running'],
  ['cluster.evacuate', 'spec.evacuation'],
  ['limits.cpu', 'spec.resources.cpus'],
  ['limits.memory', 'spec.resources.memory'],
  ['migration.stateful', 'spec.migration.stateful'],
  ['placement.group', 'spec.placement.placementGroup'],
  ['security.nesting', 'spec.security.nesting'],
  ['security.privileged', 'spec.security.privileged'],
  ['security.protection.delete', 'spec.security.protectedFromDeletion'],
  ['security.protection.start', 'spec.security.protectedFromStart'],
]);
