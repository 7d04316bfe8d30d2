/** What one member used at one moment. */
export interface MemberUse {
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** A stretch of the run, with the highest that each member used in it. */
export interface Stretch {
  readonly writes: number;
  readonly seconds: number;
  readonly peaks: readonly MemberUse[];
}

/** The highest figure of each half of the run. */
export interface Growth {
  readonly member: string;
  readonly what: 'disk' | 'memory';
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly isBounded: boolean;
}

// What ends higher by more than this has not found its level. Garbage collection and snapshots alone make some per cent.
const tolerated = 1.15;

export function raisePeaks(peaks: readonly MemberUse[], seen: readonly MemberUse[]): readonly MemberUse[] {
  return seen.map(({ memoryBytes, diskBytes }, index) => ({
    memoryBytes: Math.max(memoryBytes, peaks[index]?.memoryBytes ?? 0),
    diskBytes: Math.max(diskBytes, peaks[index]?.diskBytes ?? 0),
  }));
}

/** Compares the halves of the run, by the number of writes. */
export function judgeGrowth(members: readonly string[], stretches: readonly Stretch[]): readonly Growth[] {
  const half = Math.ceil(stretches.length / 2);
  const highest = (of: readonly Stretch[]): readonly MemberUse[] =>
    of.reduce<readonly MemberUse[]>((peaks, stretch) => raisePeaks(peaks, stretch.peaks), []);
  const [first, last] = [highest(stretches.slice(0, half)), highest(stretches.slice(half))];
  const compare = (what: Growth['what'], firstBytes = 0, lastBytes = 0) => ({
    ...{ what, firstBytes, lastBytes },
    isBounded: lastBytes <= firstBytes * tolerated,
  });
  return members.flatMap((member, index) => [
    { member, ...compare('memory', first[index]?.memoryBytes, last[index]?.memoryBytes) },
    { member, ...compare('disk', first[index]?.diskBytes, last[index]?.diskBytes) },
  ]);
}
