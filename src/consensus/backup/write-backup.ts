import { createHash } from 'node:crypto';

import type { StoredEntry } from '../store/store.ts';
import { describeFile, manifestName, storeName, type BackupFile, type BackupManifest } from './manifest.ts';
import { formatTarHeader, paddedBytes, tarEnd, tarPadding } from './tar.ts';

export interface BackupContent {
  readonly manifest: Omit<BackupManifest, 'entryCount' | 'files'>;
  /** The state at one revision; entries never change, so that it may be written slowly. */
  readonly entries: readonly StoredEntry[];
  /** Small files beside it. */
  readonly files: ReadonlyMap<string, string>;
  readonly nowMs: number;
}

export interface Backup {
  readonly manifest: BackupManifest;
  readonly sizeBytes: number;
  readonly chunks: AsyncIterable<Buffer>;
}

// So many lines are a few milliseconds of work: requests are answered in between.
const linesAtOnce = 256;

/** A tar archive with the manifest first. The entries are gone through twice, since it names their checksum. */
export async function createBackup({ manifest, entries, files, nowMs }: BackupContent): Promise<Backup> {
  const sorted = entries.toSorted((a, b) => a.revision - b.revision);
  const described = [
    ...[...files].map(([name, content]) => describeFile(name, content)),
    await describeStore(sorted),
  ];
  const whole = { ...manifest, entryCount: sorted.length, files: described };
  const text = `${JSON.stringify(whole, undefined, 2)}\n`;
  const all = [describeFile(manifestName, text), ...described];
  const sizeBytes = all.reduce((sum, file) => sum + 512 + paddedBytes(file.sizeBytes), tarEnd.length);
  const contents = new Map([[manifestName, text], ...files]);
  return { manifest: whole, sizeBytes, chunks: writeChunks(all, contents, sorted, nowMs) };
}

async function* writeChunks(
  files: readonly BackupFile[],
  contents: ReadonlyMap<string, string>,
  entries: readonly StoredEntry[],
  nowMs: number,
): AsyncGenerator<Buffer, void> {
  for (const { name, sizeBytes } of files) {
    yield formatTarHeader({ name, sizeBytes }, nowMs);
    if (name === storeName) yield* formatStore(entries);
    else yield Buffer.from(contents.get(name) ?? '');
    yield tarPadding(sizeBytes);
  }
  yield tarEnd;
}

async function describeStore(entries: readonly StoredEntry[]): Promise<BackupFile> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of formatStore(entries)) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { name: storeName, sizeBytes, sha256: hash.digest('hex') };
}

async function* formatStore(entries: readonly StoredEntry[]): AsyncGenerator<Buffer, void> {
  for (let start = 0; start < entries.length; start += linesAtOnce) {
    const lines = entries.slice(start, start + linesAtOnce).map(formatEntry);
    yield Buffer.from(lines.join(''));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

function formatEntry({ key, revision, value }: StoredEntry): string {
  return `${JSON.stringify({ key, revision, value: Buffer.from(value).toString('base64') })}\n`;
}
