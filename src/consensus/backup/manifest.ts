import { createHash } from 'node:crypto';

export const backupFormat = 'muster-backup/1';
export const manifestName = 'manifest.json';
/** One line for each key, in the order of their revisions: `{"key", "revision", "value"}`, the value in base64. */
export const storeName = 'store.jsonl';

/** What a backup says of itself; the first file in it. */
export interface BackupManifest {
  readonly format: typeof backupFormat;
  readonly clusterId: string;
  readonly epoch: number;
  readonly revision: number;
  readonly entryCount: number;
  readonly featureLevel: number;
  readonly version: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Name of the member that wrote it. */
  readonly member: string;
  readonly files: readonly BackupFile[];
}

export interface BackupFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export function describeFile(name: string, content: Uint8Array | string): BackupFile {
  const bytes = Buffer.from(content);
  return { name, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
