export interface GroupRules {
  readonly policy: 'compact' | 'spread';
  readonly rigor: 'permissive' | 'strict';
}

/** Members that remain; none with the reason why. */
export interface Filtered {
  readonly members: readonly string[];
  readonly message?: string;
}

/**
 * What a placement group leaves of the candidates. `counts` are the group's instances per member, stopped ones
 * and those on members that are no candidates included.
 */
export function filterByGroup(
  { policy, rigor }: GroupRules,
  candidates: readonly string[],
  counts: ReadonlyMap<string, number>,
): Filtered {
  const countOf = (member: string): number => counts.get(member) ?? 0;
  if (policy === 'spread') {
    if (rigor === 'permissive') {
      const fewest = Math.min(...candidates.map(countOf));
      return { members: candidates.filter((member) => countOf(member) === fewest) };
    }
    const members = candidates.filter((member) => countOf(member) === 0);
    if (members.length > 0) return { members };
    return { members, message: 'every eligible member has an instance of the group already' };
  }
  const home = fullestMember(counts);
  if (home === undefined) return { members: candidates };
  if (candidates.includes(home)) return { members: [home] };
  if (rigor === 'permissive') return { members: candidates };
  return { members: [], message: `member ${home}, which has the group's instances, cannot take more now` };
}

/** Ties by name, so that two decisions at the same time agree. */
function fullestMember(counts: ReadonlyMap<string, number>): string | undefined {
  const [first] = [...counts]
    .filter(([, count]) => count > 0)
    .toSorted(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return first?.[0];
}
