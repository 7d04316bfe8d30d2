import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ownFeatureLevels, type FeatureLevels } from '../api/feature-level.ts';
import { findReleaseRoot } from '../base/release-root.ts';

/**
 * What this release can do. The variable, such as "2" or "3 from 2", makes it pass for another one, so that an
 * upgrade can be tried out with one release only; LXD has LXD_ARTIFICIALLY_BUMP_API_EXTENSIONS for it.
 */
export function readFeatureLevels(): FeatureLevels {
  const given = /^(?<newest>\d+)(?: from (?<oldest>\d+))?$/.exec(
    process.env['MUSTER_ARTIFICIAL_FEATURE_LEVEL'] ?? '',
  );
  const { newest, oldest } = given?.groups ?? {};
  if (newest === undefined) return ownFeatureLevels;
  return { newest: Number(newest), oldest: Number(oldest ?? ownFeatureLevels.oldest) };
}

/** The release, from package.json: the one place where it is written. */
export function readVersion(): string {
  const text = readFileSync(path.join(findReleaseRoot(import.meta.url), 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string }; // our own file
  return version;
}
