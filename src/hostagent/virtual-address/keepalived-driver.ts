import { access, constants, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { CommandRunner } from '../exec/command.ts';
import { HostError, systemCodeOf } from '../exec/host-error.ts';
import { writeFileAtomic } from '../exec/write-file-atomic.ts';
import type { HostLink, VirtualAddressDriver } from './driver.ts';
import { keepalivedFiles, renderKeepalived } from './keepalived-config.ts';

const folders = ['/usr/sbin', '/sbin', '/usr/bin'];
const stopDeadlineMs = 5_000;
const stopCheckMs = 50;

export interface KeepalivedDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly directory: string;
}

/** One keepalived of the member's own. It lives on when musterd ends, and is found again by its pid file. */
export function createKeepalivedDriver({ commands, clock, directory }: KeepalivedDeps): VirtualAddressDriver {
  const file = (name: string): string => join(directory, name);
  const configPath = (digest: string): string => file(`keepalived-${digest}.conf`);

  /** The digest of its definition is in its command line. */
  async function find(): Promise<{ readonly pid: number; readonly digest: string } | undefined> {
    const pid = Number(await readText(file(keepalivedFiles.pid)));
    if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
    const [program = '', option = ''] = (await readText(`/proc/${pid}/cmdline`)).split('\0');
    const start = `--use-file=${file('keepalived-')}`;
    if (!program.endsWith('keepalived') || !option.startsWith(start)) return undefined;
    return { pid, digest: option.slice(start.length).replace(/\.conf$/, '') };
  }

  async function stop(signal: AbortSignal): Promise<void> {
    const untilMs = clock.monotonicMs() + stopDeadlineMs;
    let hasAsked = false;
    for (let found = await find(); found !== undefined; found = await find()) {
      const isLate = clock.monotonicMs() > untilMs;
      if (isLate && clock.monotonicMs() > untilMs + stopDeadlineMs) {
        throw new HostError('Busy', `stopping keepalived (process ${found.pid}): it does not end`);
      }
      // Asked twice, it would not tidy up.
      if (isLate || !hasAsked) send(found.pid, isLate ? 'SIGKILL' : 'SIGTERM');
      hasAsked = true;
      await clock.sleep(stopCheckMs, signal);
    }
  }

  return {
    async isInstalled() {
      const found = await Promise.all(folders.map((folder) => canRun(join(folder, 'keepalived'))));
      return found.includes(true);
    },

    async listLinks(signal) {
      return parseLinks(await commands.run({ program: 'ip', args: ['-json', 'addr', 'show'] }, signal));
    },

    async ensure(spec, signal) {
      const { text, checkScript, digest } = renderKeepalived(spec, directory);
      if ((await find())?.digest === digest) return;
      await stop(signal);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFileAtomic(file(keepalivedFiles.check), checkScript, 0o700);
      await writeFileAtomic(configPath(digest), text, 0o600);
      const pidFiles = [`--pid=${file(keepalivedFiles.pid)}`, `--vrrp_pid=${file(keepalivedFiles.vrrpPid)}`];
      const args = [`--use-file=${configPath(digest)}`, '--vrrp', ...pidFiles];
      await commands.run({ program: 'keepalived', args }, signal);
    },

    async sayReady() {
      const now = new Date(clock.now());
      try {
        await utimes(file(keepalivedFiles.ready), now, now);
      } catch (error) {
        if (systemCodeOf(error) !== 'ENOENT') throw error;
        await writeFile(file(keepalivedFiles.ready), '', { mode: 0o600 });
      }
    },

    sayNotReady: () => rm(file(keepalivedFiles.ready), { force: true }),

    async remove(signal) {
      await stop(signal);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface IpLink {
  readonly ifname?: string;
  readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[];
}

/** Reads `ip -json addr`. */
export function parseLinks(text: string): readonly HostLink[] {
  const links = JSON.parse(text) as readonly IpLink[]; // iproute2's own form
  return links.flatMap(({ ifname, addr_info: entries = [] }) => {
    if (ifname === undefined) return [];
    const addresses = entries.flatMap(({ local, prefixlen }) =>
      local === undefined || prefixlen === undefined ? [] : [{ address: local, prefixLength: prefixlen }],
    );
    return [{ name: ifname, addresses }];
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error; // it ended between the look and now
  }
}

async function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
