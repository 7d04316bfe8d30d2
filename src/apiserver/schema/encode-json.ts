/** Writes JSON, with the integers that `decodeJson` kept as bigint in full. */
export function encodeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Big integers are rare, and a replacer makes every encoding several times slower: only they take this path.
    if (!(error instanceof TypeError)) throw error;
    return encodeExactly(value);
  }
}

function encodeExactly(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value))
    return `[${value.map((item) => (item === undefined ? 'null' : encodeExactly(item))).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${encodeExactly(member)}`).join(',')}}`;
}
