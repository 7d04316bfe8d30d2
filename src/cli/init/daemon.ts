import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { findReleaseRoot } from '../../base/release-root.ts';

/** Runs `musterd` of the same release as this program. */
export interface Daemon {
  /** To its end; its progress goes to the terminal. Answers its standard output, rejects when it fails. */
  run(args: readonly string[], input?: string): Promise<string>;
  /** Starts the member for good; says how. */
  start(dataDir: string): Promise<string>;
}

const unit = 'muster.service';

export function findDaemon(): Daemon {
  const [program, ...first] = musterdCommand();
  return {
    async run(args, input = '') {
      const child = spawn(program, [...first, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      // One that has ended early says why itself.
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
      const exited = once(child, 'exit') as Promise<[number | null]>;
      const output = await text(child.stdout);
      const [code] = await exited;
      if (code !== 0) throw new Error(`musterd ${args[0] ?? ''} failed; what is wrong stands above`);
      return output;
    },

    async start(dataDir) {
      if (await hasUnit()) {
        await runQuietly('systemctl', ['enable', '--now', unit]);
        return `started by systemd; "journalctl -u muster" shows its log`;
      }
      const logFile = path.join(dataDir, 'musterd.log');
      const log = openSync(logFile, 'a', 0o600);
      // A session of its own, so that the member outlives this terminal.
      const child = spawn(program, [...first, 'run', '--data-dir', dataDir], {
        detached: true,
        stdio: ['ignore', log, log],
      });
      child.unref();
      return `started as process ${String(child.pid)}; its log is ${logFile}`;
    },
  };
}

/** The bundle where there is one, and otherwise the source. */
function musterdCommand(): readonly [string, ...string[]] {
  const root = findReleaseRoot(import.meta.url);
  const installed = path.join(root, 'build', 'bin', 'musterd');
  if (existsSync(installed)) return [installed];
  return [process.execPath, path.join(root, 'src', 'daemon', 'main.ts')];
}

async function hasUnit(): Promise<boolean> {
  if (!existsSync('/run/systemd/system')) return false;
  return runQuietly('systemctl', ['cat', unit]).then(
    () => true,
    () => false,
  );
}

async function runQuietly(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed with exit code ${String(code)}`);
}
