import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the release that the calling module belongs to, whether it runs from its source or bundled. */
export function findReleaseRoot(moduleUrl: string): string {
  let folder = path.dirname(fileURLToPath(moduleUrl));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no release holds ${fileURLToPath(moduleUrl)}`);
    folder = parent;
  }
  return folder;
}
