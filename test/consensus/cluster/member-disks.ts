import { mkdir, readFile, rm, rmdir, statfs, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn } from 'node:child_process';

import { runCommand, tryCommand } from '../../../scripts/lab/run-command.ts';

/** A small file system for each member, so that it can be filled and stopped without touching the machine's own. */
export interface MemberDisks {
  mount(member: string, directory: string): Promise<void>;
  unmount(directory: string): Promise<void>;
  /** Takes all free space. */
  fill(directory: string): Promise<void>;
  free(directory: string): Promise<void>;
  /** Lets writes hang for `stallMs` out of every `periodMs`, until the answer is called. */
  slowDown(directory: string, stallMs: number, periodMs: number): () => Promise<void>;
  /** Whatever a killed run left frozen below a directory would hang whoever touches it. */
  thawAll(below: string): Promise<void>;
}

const diskMiB = 256; // dqlite sets aside 8 MiB at a time; a member of these tests needs about 60
const ballast = 'ballast';

export function createMemberDisks(imageDirectory: string): MemberDisks {
  return {
    async mount(member, directory) {
      const image = path.join(imageDirectory, `${member}.img`);
      await mkdir(imageDirectory, { recursive: true });
      await mkdir(directory, { recursive: true });
      // A new file: the last one may still be the disk of a mount that somebody uses.
      await rm(image, { force: true });
      await writeFile(image, '');
      await truncate(image, diskMiB * 1024 * 1024);
      await runCommand('mkfs.ext4', ['-q', '-m', '0', '-O', '^has_journal', image]);
      // Unmounting frees the loop device that this takes.
      await runCommand('mount', ['-o', 'loop', image, directory]);
      await rmdir(path.join(directory, 'lost+found'));
    },
    async unmount(directory) {
      await runCommand('umount', ['-l', directory]);
    },
    async fill(directory) {
      const { bavail, bsize } = await statfs(directory);
      const file = path.join(directory, ballast);
      const sizes = [bavail * bsize, 1024 * 1024, 64 * 1024, 4 * 1024];
      // The members write meanwhile, so the last bytes are taken in ever smaller pieces.
      for (const [index, size] of sizes.entries()) {
        await tryCommand('fallocate', ['-l', String(size), `${file}-${index}`]);
      }
    },
    async free(directory) {
      await Promise.all(
        [0, 1, 2, 3].map((index) => rm(path.join(directory, `${ballast}-${index}`), { force: true })),
      );
    },
    slowDown(directory, stallMs, periodMs) {
      const pulse = setInterval(() => freezeFor(directory, stallMs), periodMs);
      freezeFor(directory, stallMs);
      return async () => {
        clearInterval(pulse);
        await tryCommand('fsfreeze', ['--unfreeze', directory]);
      };
    },
    async thawAll(below) {
      const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
      const mine = mounts
        .map((line) => line.split(' ')[1] ?? '')
        .filter((one) => one.startsWith(`${below}/`));
      for (const directory of mine) await tryCommand('fsfreeze', ['--unfreeze', directory]);
    },
  };
}

/** A process of its own thaws it again, also when this one is killed meanwhile. */
function freezeFor(directory: string, stallMs: number): void {
  const script = 'fsfreeze --freeze "$0" && { sleep "$1"; fsfreeze --unfreeze "$0"; }';
  const args = ['-c', script, directory, String(stallMs / 1_000)];
  spawn('sh', args, { detached: true, stdio: 'ignore' }).unref();
}
