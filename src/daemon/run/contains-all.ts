/** Whether every field of `wanted` is in `found` with the same value; lists have to be equally long. */
export function containsAll(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return false;
    return wanted.every((item, index) => containsAll(found[index], item));
  }
  if (!isFields(wanted)) return Object.is(found, wanted);
  return isFields(found) && Object.entries(wanted).every(([name, value]) => containsAll(found[name], value));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
