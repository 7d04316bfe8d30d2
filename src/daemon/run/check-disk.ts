import { describeDisk, type DiskReport } from '../../consensus/space/disk-level.ts';

/** What is wrong with the disk of the database, in words. */
export function checkDisk(report: DiskReport): string | undefined {
  return report.level === 'ok'
    ? undefined
    : `the disk of the database is ${report.level}: ${describeDisk(report)}`;
}
