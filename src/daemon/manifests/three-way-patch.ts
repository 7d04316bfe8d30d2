import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;

/** What wins when a person has changed a field that the file sets too. */
export type ManifestPolicy =
  /** The file: what it says is put back. */
  | 'enforce'
  /** The person: a file is where objects start from, and only a new version of the file changes them again. */
  | 'seed';

export interface ThreeWay {
  /** What was applied last; undefined when nobody remembers. */
  readonly last: unknown;
  readonly desired: unknown;
  readonly live: unknown;
}

/**
 * The JSON merge patch that brings `live` to `desired`: sets what the file says, takes away what the file said last
 * time and no longer says, leaves alone what it never said. Undefined when there is nothing to do.
 */
export function threeWayPatch(values: ThreeWay, policy: ManifestPolicy): unknown {
  const { last, desired, live } = values;
  if (!isFields(desired)) return patchValue(values, policy);
  const before: Fields = isFields(last) ? last : {};
  const now: Fields = isFields(live) ? live : {};
  const changes = Object.entries(desired).map(([name, value]) => {
    const field = { last: before[name], desired: value, live: now[name] };
    return [name, threeWayPatch(field, policy)] as const;
  });
  const dropped = Object.keys(before).filter((name) => {
    if (Object.hasOwn(desired, name) || !Object.hasOwn(now, name)) return false;
    return policy === 'enforce' || isDeepStrictEqual(before[name], now[name]);
  });
  const patch = [
    ...changes.filter(([, change]) => change !== undefined),
    ...dropped.map((name) => [name, null] as const),
  ];
  const isMissing = !isFields(live) && (policy === 'enforce' || last === undefined);
  return patch.length > 0 || isMissing ? Object.fromEntries(patch) : undefined;
}

function patchValue({ last, desired, live }: ThreeWay, policy: ManifestPolicy): unknown {
  if (isDeepStrictEqual(desired, live)) return undefined;
  // Without a memory of what was applied, a field that is there is a person's.
  if (policy === 'seed' && !isDeepStrictEqual(live, last)) return undefined;
  return desired;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
