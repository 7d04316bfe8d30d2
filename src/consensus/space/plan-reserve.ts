import { recovery, segmentBytes, segmentsBytes, type DiskReport } from './disk-level.ts';

/**
 * How much should be set aside: what the log sets aside before it writes, and one snapshot, after which it can drop
 * what is old. Only from what is left over, or the reserve itself would make the disk `low`.
 */
export function planReserve(report: DiskReport): number {
  const { level, freeBytes, neededBytes, snapshotBytes, reserveBytes } = report;
  // In whole segments: a database that grows is not a reason to do it again each time.
  const inSegments = (bytes: number): number => Math.floor(bytes / segmentBytes) * segmentBytes;
  const wantedBytes = inSegments(segmentsBytes + snapshotBytes) + segmentBytes;
  const spareBytes = freeBytes - neededBytes * recovery;
  if (level !== 'ok' || wantedBytes <= reserveBytes || spareBytes < 0) return reserveBytes;
  const possibleBytes = reserveBytes + inSegments(spareBytes);
  return Math.min(wantedBytes, possibleBytes);
}
