import { isDeepStrictEqual } from 'node:util';

/**
 * The JSON merge patch (RFC 7386) that turns `before` into `after`: objects by field, everything else whole,
 * `null` for what is gone. Undefined when there is nothing to change. `undefined` fields count as absent.
 */
export function mergeDiff(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) {
    if (isDeepStrictEqual(before, after)) return undefined;
    return after === undefined ? null : after;
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...names].map((name) => [name, mergeDiff(before[name], after[name])] as const);
  const changed = changes.filter(([, value]) => value !== undefined);
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
