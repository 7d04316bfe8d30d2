import { readFileSync } from 'node:fs';

/** The release, from package.json: the one place where it is written. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string }; // our own file
  return version;
}
