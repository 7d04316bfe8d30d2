import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError, systemCodeOf } from '../../exec/host-error.ts';
import { identifyProcess } from '../../exec/process-identity.ts';
import { writeFileAtomic } from '../../exec/write-file-atomic.ts';
import type { NetworkHost, RenderedText } from '../driver.ts';
import { buildHostLine, hostsFolder, pidFile } from './dnsmasq-config.ts';

/** One dnsmasq per network. It lives on when musterd ends, and is found again by its pid file. */
export interface DnsmasqProcess {
  /** The digest of the configuration that it runs with; undefined when it does not run. */
  observe(): Promise<string | undefined>;
  start(service: RenderedText, signal: AbortSignal): Promise<void>;
  stop(signal: AbortSignal): Promise<void>;
  listHosts(): Promise<readonly string[]>;
  putHost(host: NetworkHost): Promise<void>;
  removeHost(id: string): Promise<void>;
}

const stopDeadlineMs = 5_000;
const stopCheckMs = 20;
const endingLimitMs = 2_000; // a process id that something else has by now must not be waited for

export function createDnsmasqProcess(
  commands: CommandRunner,
  clock: Clock,
  directory: string,
): DnsmasqProcess {
  // The digest is in the name of the configuration file, which the command line of the process shows.
  const configPath = (digest: string): string => join(directory, `dnsmasq-${digest}.conf`);
  const hostPath = (id: string): string => join(directory, hostsFolder, id);

  async function find(): Promise<{ readonly pid: number; readonly digest: string } | undefined> {
    const pid = await readPid(directory);
    if (pid === undefined) return undefined;
    const commandLine = await readCommandLine(pid);
    const [program = '', option = ''] = commandLine.split('\0');
    const start = `--conf-file=${join(directory, 'dnsmasq-')}`;
    if (!program.endsWith('dnsmasq') || !option.startsWith(start)) return undefined;
    return { pid, digest: option.slice(start.length).replace(/\.conf$/, '') };
  }

  async function stop(signal: AbortSignal): Promise<void> {
    const untilMs = clock.monotonicMs() + stopDeadlineMs;
    for (let found = await find(); found !== undefined; found = await find()) {
      const isLate = clock.monotonicMs() > untilMs;
      send(found.pid, isLate ? 'SIGKILL' : 'SIGTERM');
      if (isLate && clock.monotonicMs() > untilMs + stopDeadlineMs) {
        throw new HostError('Busy', `stopping dnsmasq (process ${found.pid}): it does not end`);
      }
      await clock.sleep(stopCheckMs, signal);
    }
    await untilEnded(await readPid(directory), clock, signal);
  }

  async function forgetOtherConfigs(digest: string): Promise<void> {
    for (const name of await readdir(directory)) {
      if (/^dnsmasq-.*\.conf$/.test(name) && join(directory, name) !== configPath(digest)) {
        await rm(join(directory, name), { force: true });
      }
    }
  }

  return {
    observe: async () => (await find())?.digest,
    stop,

    async start({ text, digest }, signal) {
      await mkdir(join(directory, hostsFolder), { recursive: true, mode: 0o755 });
      await stop(signal);
      await writeFileAtomic(configPath(digest), text, 0o644);
      await commands.run({ program: 'dnsmasq', args: [`--conf-file=${configPath(digest)}`] }, signal);
      await forgetOtherConfigs(digest);
    },

    async listHosts() {
      const names = await readdir(join(directory, hostsFolder)).catch(() => []);
      return names.filter((name) => !name.endsWith('.new'));
    },

    async putHost(host) {
      const line = buildHostLine(host);
      if ((await readText(hostPath(host.id))) === line) return;
      await mkdir(join(directory, hostsFolder), { recursive: true, mode: 0o755 });
      const isChange = (await readText(hostPath(host.id))) !== '';
      await writeFileAtomic(hostPath(host.id), line, 0o644);
      // New files are noticed; what a file said before is forgotten only on a reload.
      if (isChange) await reload();
    },

    async removeHost(id) {
      if ((await readText(hostPath(id))) === '') return;
      await rm(hostPath(id), { force: true });
      await reload();
    },
  };

  async function reload(): Promise<void> {
    const found = await find();
    if (found !== undefined) send(found.pid, 'SIGHUP');
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error; // it ended between the look and now
  }
}

async function readPid(directory: string): Promise<number | undefined> {
  const pid = Number(await readText(join(directory, pidFile)));
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/** A process that ends gives up its memory first, and with that its command line; its sockets a moment later. */
async function untilEnded(pid: number | undefined, clock: Clock, signal: AbortSignal): Promise<void> {
  if (pid === undefined) return;
  const isEnding = async (): Promise<boolean> =>
    (await readCommandLine(pid)) === '' && (await identifyProcess(pid)) !== undefined;
  const untilMs = clock.monotonicMs() + endingLimitMs;
  while (clock.monotonicMs() < untilMs && (await isEnding())) await clock.sleep(stopCheckMs, signal);
}

function readCommandLine(pid: number): Promise<string> {
  return readText(`/proc/${pid}/cmdline`);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
