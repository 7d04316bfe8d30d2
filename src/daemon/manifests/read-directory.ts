import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeError } from '../../base/describe-error.ts';

export interface ManifestText {
  /** Relative to the directory. */
  readonly file: string;
  readonly text: string;
}

export interface UnreadableFile {
  readonly file: string;
  readonly problem: string;
}

/** In order of name. */
export type DirectoryFiles = readonly (ManifestText | UnreadableFile)[];

const extensions = new Set(['.json', '.yaml', '.yml']);
// A manifest is written by a person; whatever is larger got there by mistake and would only fill the memory.
const maxBytes = 3 * 1024 * 1024;

/** Reads every manifest below the directory. Throws when the directory itself cannot be read. */
export async function readDirectory(directory: string): Promise<DirectoryFiles> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter(isManifest).toSorted();
  const found = await Promise.all(files.map((file) => readManifest(directory, file)));
  return found.filter((manifest) => manifest !== undefined);
}

/** Hidden entries are editors' and orchestrators' own: `.web.yaml.swp`, `..data`. */
export function isManifest(file: string): boolean {
  return extensions.has(path.extname(file)) && !file.split(path.sep).some((part) => part.startsWith('.'));
}

async function readManifest(
  directory: string,
  file: string,
): Promise<ManifestText | UnreadableFile | undefined> {
  const full = path.join(directory, file);
  try {
    const found = await stat(full);
    if (!found.isFile()) return undefined;
    if (found.size > maxBytes)
      return { file, problem: `it has ${found.size} bytes; ${maxBytes} are allowed` };
    return { file, text: await readFile(full, 'utf8') };
  } catch (error) {
    return { file, problem: describeError(error) };
  }
}
