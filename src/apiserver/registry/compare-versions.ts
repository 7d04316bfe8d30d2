const pattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const ranks = new Map([
  ['alpha', 1],
  ['beta', 2],
]);

/** Best first, as kubectl prefers them: v2, v1, v2beta1, v1beta2, v1alpha1; names of other forms come last. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [weigh(left), weigh(right)];
  if (a === undefined || b === undefined) {
    if (a === b) return left < right ? -1 : Number(left > right);
    return a === undefined ? 1 : -1;
  }
  return b.rank - a.rank || b.major - a.major || b.minor - a.minor;
}

function weigh(version: string): { rank: number; major: number; minor: number } | undefined {
  const match = pattern.exec(version);
  if (match === null) return undefined;
  const [, major, stage = '', minor = '0'] = match;
  return { rank: ranks.get(stage) ?? 3, major: Number(major), minor: Number(minor) };
}
