import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findReleaseRoot } from '../base/release-root.ts';

/** The release, from package.json: the one place where it is written. */
export function readVersion(): string {
  const text = readFileSync(path.join(findReleaseRoot(import.meta.url), 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string }; // our own file
  return version;
}
