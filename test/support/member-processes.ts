import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const mainFile = path.join(import.meta.dirname, '../../src/daemon/main.ts');
const stopMs = 15_000;
const tailBytes = 8_000;

/** `musterd run` as processes of their own, on hosts that exist on paper only: for what ends or begins a process. */
export class MemberProcesses implements AsyncDisposable {
  readonly #children = new Map<string, ChildProcess>();
  readonly #logs = new Map<string, string>();

  start(name: string, dataDir: string, more: readonly string[] = []): void {
    const args = ['run', '--data-dir', dataDir, '--drivers', 'sim', ...more];
    const child = spawn(process.execPath, [mainFile, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (text: string): void => {
      this.#logs.set(name, ((this.#logs.get(name) ?? '') + text).slice(-tailBytes));
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    this.#children.set(name, child);
  }

  pid(name: string): number | undefined {
    return this.#children.get(name)?.pid;
  }

  isRunning(name: string): boolean {
    const child = this.#children.get(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The end of what it has logged. */
  log(name: string): string {
    return this.#logs.get(name) ?? '';
  }

  async stop(name: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined || !this.isRunning(name)) return;
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    clearTimeout(late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.keys()].map((name) => this.stop(name)));
  }
}
