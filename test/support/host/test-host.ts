import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildBusyboxImage } from '../../../scripts/build-image.ts';
import type { CommandRunner } from '../../../src/hostagent/exec/command.ts';
import { cgroupBaseOf } from '../../../src/hostagent/instance/lxc/lxc-cgroups.ts';
import type { AgentCommand } from './agent-process.ts';

/** A network namespace and a data directory for one test; everything in them goes with `dispose`. */
export interface TestHost {
  readonly namespace: string;
  readonly dataDir: string;
  readonly image: string;
  /** The same commands, run inside the namespace. */
  inside(commands: CommandRunner): CommandRunner;
  run(program: string, ...args: readonly string[]): string;
  startAgent(): Promise<TestAgent>;
  /** What is still there of the product: processes, interfaces, cgroups, rules. Empty when it cleaned up. */
  findLeftovers(): readonly string[];
  dispose(): void;
}

export interface TestAgent {
  ask(command: AgentCommand): Promise<unknown>;
  /** As a crash: nothing of it gets to clean up. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  readonly pid: number;
}

const agentEntry = fileURLToPath(new URL('./agent-process.ts', import.meta.url));

export async function createTestHost(name: string): Promise<TestHost> {
  const namespace = `mt-${name}-${process.pid}`;
  const dataDir = mkdtempSync(join(tmpdir(), `${namespace}-`));
  chmodSync(dataDir, 0o711);
  execFileSync('ip', ['netns', 'add', namespace]);
  const enter = `--net=/run/netns/${namespace}`;
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync('nsenter', [enter, program, ...args], { encoding: 'utf8' });
  run('ip', 'link', 'set', 'lo', 'up');
  const image = join(dataDir, 'import', 'busybox.tar.xz');
  await buildBusyboxImage(image);
  const children = new Set<ChildProcess>();

  return {
    namespace,
    dataDir,
    image,
    run,
    inside: (commands) => ({
      run: (command, signal) =>
        commands.run(
          { ...command, program: 'nsenter', args: [enter, command.program, ...command.args] },
          signal,
        ),
    }),

    async startAgent() {
      const args = [enter, process.execPath, agentEntry, dataDir, join(dataDir, 'objects.json'), 'm1'];
      const child = spawn('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
      children.add(child);
      const lines = createInterface({ input: child.stdout });
      await nextLine(lines);
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      return {
        pid: child.pid ?? 0,
        async ask(command) {
          const line = nextLine(lines);
          child.stdin.write(`${JSON.stringify(command)}\n`);
          const { result, error } = JSON.parse(await line) as { result?: unknown; error?: string };
          if (error !== undefined) throw new Error(error);
          return result;
        },
        async kill() {
          child.kill('SIGKILL');
          await ended;
        },
        async stop() {
          child.stdin.end();
          await ended;
        },
      };
    },

    findLeftovers: () => [
      ...processesOf(dataDir).map(({ pid, commandLine }) => `process ${pid} ${commandLine}`),
      ...run('ip', '-br', 'link')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('lo ')),
      ...run('nft', 'list', 'tables')
        .split('\n')
        .filter((line) => line !== ''),
      ...cgroupsOf(join(dataDir, 'instances')),
    ],

    dispose() {
      for (const child of children) child.kill('SIGKILL');
      for (const { pid } of processesOf(dataDir)) killQuietly(pid);
      execFileSync('ip', ['netns', 'delete', namespace]);
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Polls, and says what it last saw when it gives up. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  isRight: (seen: T) => boolean,
  limitMs = 15_000,
): Promise<T> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (isRight(seen)) return seen;
    if (performance.now() > untilMs)
      throw new Error(`gave up; last seen: ${JSON.stringify(seen, undefined, 1)}`);
    await delay(40);
  }
}

async function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      reject(new Error('the agent process ended'));
    };
    lines.once('close', end);
    lines.once('line', (line) => {
      lines.off('close', end);
      resolve(line);
    });
  });
}

/** Processes whose command line names the data directory, or that run in a container of it. */
function processesOf(dataDir: string): readonly { readonly pid: number; readonly commandLine: string }[] {
  const text = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  return text
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, commandLine = '']) => ({ pid: Number(pid), commandLine }))
    .filter(({ commandLine }) => commandLine.includes(dataDir));
}

/** Of this host alone: others may run on the machine. */
function cgroupsOf(directory: string): readonly string[] {
  const hierarchies = readdirSync('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name));
  return ['/sys/fs/cgroup', ...hierarchies]
    .map((path) => join(path, cgroupBaseOf(directory)))
    .filter((path) => existsSync(path));
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
