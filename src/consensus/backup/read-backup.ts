import type { StoredEntry } from '../store/store.ts';
import { backupFormat, describeFile, manifestName, storeName, type BackupManifest } from './manifest.ts';
import { parseTar } from './tar.ts';

export interface ReadBackup {
  readonly manifest: BackupManifest;
  readonly entries: readonly StoredEntry[];
  /** The small files beside it, as text. */
  readonly files: ReadonlyMap<string, string>;
}

/** Reads a backup whole, or throws one sentence that says what is wrong with it; completes "the file …". */
export function readBackup(archive: Buffer): ReadBackup {
  const files = parseTar(archive);
  const manifest = parseManifest(files.get(manifestName));
  for (const { name, sha256 } of manifest.files) {
    const content = files.get(name);
    if (content === undefined) throw new Error(`it is not whole: ${name} is missing`);
    if (describeFile(name, content).sha256 !== sha256) {
      throw new Error(`it was changed or damaged: ${name} does not have the checksum of the manifest`);
    }
  }
  const entries = parseStore(files.get(storeName) ?? Buffer.alloc(0));
  if (entries.length !== manifest.entryCount) {
    throw new Error(`it has ${entries.length} entries, and its manifest says ${manifest.entryCount}`);
  }
  const named = manifest.files.filter(({ name }) => name !== storeName);
  return {
    manifest,
    entries,
    files: new Map(named.map(({ name }) => [name, files.get(name)?.toString() ?? ''])),
  };
}

function parseManifest(content: Buffer | undefined): BackupManifest {
  const manifest = content === undefined ? undefined : parseJson(content.toString());
  if (manifest?.format === backupFormat) return manifest;
  const said =
    typeof manifest?.format === 'string' ? `its format is ${String(manifest.format)}` : 'it has no manifest';
  throw new Error(`it is no backup that this release can read: ${said}, and ${backupFormat} is wanted`);
}

function parseJson(text: string): BackupManifest | undefined {
  try {
    return JSON.parse(text) as BackupManifest; // its format is checked, and then its checksums
  } catch {
    return undefined; // Says the same as no manifest: it is no backup.
  }
}

function parseStore(content: Buffer): readonly StoredEntry[] {
  return content
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { key, revision, value } = JSON.parse(line) as { key: string; revision: number; value: string };
      return { key, revision, value: Buffer.from(value, 'base64') };
    });
}
