/** What a member's disk still allows: `low` refuses growth, `full` everything but what makes room. */
export type DiskLevel = 'full' | 'low' | 'ok';

export interface DiskMeasure {
  /** What a process of ours may still take. */
  readonly freeBytes: number;
  /** Of the biggest snapshot of the database: the next one is written beside it. */
  readonly snapshotBytes: number;
  /** Set aside for the time when nothing else is left; not part of what is free. */
  readonly reserveBytes: number;
}

export interface DiskReport extends DiskMeasure {
  readonly level: DiskLevel;
  /** Less than this left is `low`. */
  readonly neededBytes: number;
}

const mebibyte = 1024 * 1024;
export const segmentBytes = 8 * mebibyte;
// libraft sets aside up to three segments before it writes to them.
export const segmentsBytes = 3 * segmentBytes;
// What may be written between two looks, and the deletions that make room afterwards.
const marginBytes = 40 * mebibyte;
// More has to be free again than was when the level began, or each deletion would end and begin it.
export const recovery = 1.25;

const ranks: Record<DiskLevel, number> = { ok: 0, low: 1, full: 2 };

export function isWorse(one: DiskLevel, other: DiskLevel): boolean {
  return ranks[one] > ranks[other];
}

export function judgeDisk(measure: DiskMeasure, before: DiskLevel): DiskReport {
  const { freeBytes, snapshotBytes } = measure;
  const fullBytes = segmentsBytes + snapshotBytes;
  const neededBytes = fullBytes + marginBytes + snapshotBytes;
  const isBelow = (level: DiskLevel, bytes: number): boolean =>
    freeBytes < (isWorse(level, before) ? bytes : bytes * recovery);
  const level = isBelow('full', fullBytes) ? 'full' : isBelow('low', neededBytes) ? 'low' : 'ok';
  return { ...measure, level, neededBytes };
}

/** For people: why something is refused, or what will be. */
export function describeDisk({ freeBytes, neededBytes, reserveBytes, level }: DiskReport): string {
  const inMebibytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;
  const left = `${inMebibytes(freeBytes)} left where the database needs ${inMebibytes(neededBytes)}`;
  return level === 'full' ? `${left}, and ${inMebibytes(reserveBytes)} set aside for deletions` : left;
}
