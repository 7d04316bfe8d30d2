/** Where a backup of the whole cluster is taken, from any member. */
export const backupPath = '/muster/v1/backup';
/** Says as JSON what the backup that follows holds. */
export const backupHeader = 'muster-backup';

/** What a client is told of a backup while it comes in. */
export interface BackupSummary {
  readonly clusterId: string;
  readonly epoch: number;
  readonly revision: number;
  readonly entryCount: number;
  readonly featureLevel: number;
  readonly version: string;
  readonly createdAt: string;
}
