import { chmod, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { runCommand } from './lab/run-command.ts';

const root = path.join(import.meta.dirname, '..');
const busybox = '/bin/busybox';
// Applets that Linux expects at fixed places; all others go to /bin.
const inSbin = new Set(['init', 'udhcpc', 'ip', 'ifconfig', 'route', 'getty', 'halt', 'poweroff', 'reboot']);
const emptyFolders = ['dev', 'proc', 'sys', 'run', 'tmp', 'root', 'var/log', 'mnt', 'bin', 'sbin'];

/**
 * Builds a system container image from Debian's `busybox-static`, in LXD's unified form: one tarball with
 * `metadata.yaml` and `rootfs/`. The same busybox gives the same bytes, and so the same digest.
 */
export async function buildBusyboxImage(target: string): Promise<void> {
  const work = await mkdtemp(path.join(tmpdir(), 'muster-image-'));
  try {
    await fillRootfs(path.join(work, 'rootfs'));
    await writeFile(path.join(work, 'metadata.yaml'), await describeImage());
    await mkdir(path.dirname(target), { recursive: true });
    // Sorted names and fixed times and owners: the tarball must not depend on when or where it was made.
    await runCommand('tar', [
      '--create',
      '--xz',
      '--sort=name',
      '--mtime=@0',
      '--numeric-owner',
      '--owner=0',
      '--group=0',
      `--file=${target}.new`,
      `--directory=${work}`,
      'metadata.yaml',
      'rootfs',
    ]);
    await rename(`${target}.new`, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function fillRootfs(rootfs: string): Promise<void> {
  for (const folder of emptyFolders) await mkdir(path.join(rootfs, folder), { recursive: true });
  await chmod(path.join(rootfs, 'tmp'), 0o1777);
  await cp(busybox, path.join(rootfs, 'bin', 'busybox'));
  const applets = (await runCommand(busybox, ['--list'])).split('\n').filter((name) => name !== '');
  for (const applet of applets) {
    if (applet === 'busybox') continue;
    await symlink('/bin/busybox', path.join(rootfs, inSbin.has(applet) ? 'sbin' : 'bin', applet));
  }
  await cp(path.join(root, 'images', 'busybox'), rootfs, { recursive: true });
}

async function describeImage(): Promise<string> {
  const architecture = (await runCommand('uname', ['-m'])).trim();
  const version = /v(\S+)/.exec((await runCommand(busybox, [])).split('\n')[0] ?? '')?.[1] ?? 'unknown';
  return `architecture: ${architecture}
creation_date: 0
properties:
  os: BusyBox
  release: "${version}"
  architecture: ${architecture}
  description: BusyBox ${version}, a system container in two megabytes
`;
}

if (import.meta.main) {
  const target = process.argv[2] ?? path.join(root, 'build', 'images', 'busybox.tar.xz');
  await buildBusyboxImage(target);
  console.log(`built ${path.relative(process.cwd(), target)}`);
}
