import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, statSync, symlinkSync } from 'node:fs';
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
    directory: prepareMembersDirectory(),
    subnet: 1,
    runArguments: (member) => (member.name === 'n1' ? ['--manifests', manifestsLink] : []),
  });
}

/**
 * Below `.muster/`, unless the checkout lies where other users may not pass, such as /root: containers run
 * as one. Then the data goes to /var/lib, and `.muster/members` points there.
 */
function prepareMembersDirectory(): string {
  const wanted = path.join(demoDirectory, 'members');
  if (existsSync(wanted)) return realpathSync(wanted);
  mkdirSync(demoDirectory, { recursive: true, mode: 0o755 });
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 8);
  const elsewhere = path.join('/var/lib', `muster-demo-${hash}`);
  const directory = isPassable(root) ? wanted : elsewhere;
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  if (directory !== wanted) symlinkSync(directory, wanted);
  return directory;
}

function isPassable(directory: string): boolean {
  const mayPass = (statSync(directory).mode & 0o001) !== 0;
  const parent = path.dirname(directory);
  return mayPass && (parent === directory || isPassable(parent));
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
