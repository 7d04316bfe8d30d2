/**
 * Integers that a JavaScript number cannot hold are bigints in decoded objects. ajv knows only numbers; for checking
 * a type or a limit the nearest number will do.
 */
export function roundBigIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) {
    const rounded = value.map(roundBigIntegers);
    return rounded.some((item, index) => item !== value[index]) ? rounded : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  let copy: Record<string, unknown> | undefined;
  for (const [key, member] of Object.entries(value)) {
    const rounded = roundBigIntegers(member);
    if (rounded === member) continue;
    copy ??= { ...value };
    copy[key] = rounded;
  }
  return copy ?? value;
}
