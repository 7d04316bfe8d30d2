import { existsSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

import { buildBusyboxImage } from '../build-image.ts';
import { createLab, type Lab } from '../lab/lab.ts';

export const root = path.join(import.meta.dirname, '..', '..');
/** Where `npm start` keeps everything; removed by `npm run stop -- --purge`. */
export const demoDirectory = path.join(root, '.muster');
const imageFile = path.join(root, 'build', 'images', 'busybox.tar.xz');

const manifestsLink = path.join(demoDirectory, 'manifests');

/** The lab of `npm start`. The first member keeps `manifests/demo/` applied. */
export function createDemoLab(): Lab {
  return createLab({
    name: 'demo',
    directory: path.join(demoDirectory, 'members'),
    subnet: 1,
    runArguments: (member) => (member.name === 'n1' ? ['--manifests', manifestsLink] : []),
  });
}

/** Puts the demo's image where the first member imports files from. */
export async function provideImage(dataDirectory: string): Promise<void> {
  if (!existsSync(imageFile)) await buildBusyboxImage(imageFile);
  const importDirectory = path.join(dataDirectory, 'import');
  await mkdir(importDirectory, { recursive: true, mode: 0o700 });
  await cp(imageFile, path.join(importDirectory, path.basename(imageFile)));
}

/**
 * Lets the first member see `manifests/demo/`. Not before all members are there: an instance is placed
 * once, and the first member alone would get them all.
 */
export async function linkManifests(): Promise<void> {
  await rm(manifestsLink, { force: true });
  await symlink(path.join('..', 'manifests', 'demo'), manifestsLink);
}
