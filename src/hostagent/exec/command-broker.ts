import { spawn, type ChildProcessByStdio } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from '../../base/logger.ts';
import { findReleaseRoot } from '../../base/release-root.ts';
import { createAnswerReader, encodeKill, encodeRun, type BrokerAnswer } from './broker-protocol.ts';
import {
  defaultOutputLimitBytes,
  defaultTimeoutMs,
  describeCommand,
  type Command,
  type CommandRunner,
} from './command.ts';
import { toCommandError } from './command-error.ts';
import { HostError } from './host-error.ts';

export interface CommandBroker extends CommandRunner {
  /** Ends the broker and every command that runs. */
  close(): void;
}

type BrokerProcess = ChildProcessByStdio<Writable, Readable, null>;

interface Waiting {
  readonly command: Command;
  readonly resolve: (stdout: string) => void;
  readonly reject: (error: Error) => void;
}

const brokerProgram = path.join(findReleaseRoot(import.meta.url), 'build', 'muster-exec');

/** Starts the broker, a small program of ours, at once: later, this process has grown and its fork is slow. */
export function createCommandBroker(logger: Logger): CommandBroker {
  return new Broker(logger);
}

class Broker implements CommandBroker {
  readonly #logger: Logger;
  readonly #waiting = new Map<number, Waiting>();
  #process: BrokerProcess | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#process = this.#start();
  }

  async run(command: Command, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (this.#isClosed) throw new HostError('Busy', `running ${describeCommand(command)}: shutting down`);
    this.#process ??= this.#start();
    const id = (this.#lastId += 1);
    const kill = (): void => {
      this.#process?.stdin.write(encodeKill(id));
    };
    signal.addEventListener('abort', kill, { once: true });
    try {
      const limits = { timeoutMs: defaultTimeoutMs, outputLimitBytes: defaultOutputLimitBytes };
      const request = encodeRun({ id, command: { ...limits, ...command } });
      return await new Promise<string>((resolve, reject) => {
        this.#waiting.set(id, { command, resolve, reject });
        this.#process?.stdin.write(request);
      });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#process?.stdin.end();
  }

  #start(): BrokerProcess {
    // Detached: an interrupt typed at the terminal is for musterd, which then stops its broker in order.
    const started = spawn(brokerProgram, [], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    started.stdout.on(
      'data',
      createAnswerReader((answer) => this.#settle(answer)),
    );
    started.stdin.on('error', () => undefined); // the exit, which follows, tells more
    started.on('error', (error) => {
      this.#lose(started, error.message);
    });
    started.on('exit', (code, signal) => {
      this.#lose(started, `ended with ${signal ?? `code ${code ?? 0}`}`);
    });
    return started;
  }

  #settle({ id, ending, stdout, stderrTail }: BrokerAnswer): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const error = toCommandError(waiting.command, ending, stderrTail);
    if (error === undefined) waiting.resolve(stdout);
    else waiting.reject(error);
  }

  #lose(lost: BrokerProcess, reason: string): void {
    if (this.#process !== lost) return;
    this.#process = undefined;
    if (!this.#isClosed) this.#logger.error({ reason }, 'the command broker ended, starting a new one');
    for (const { command, reject } of this.#waiting.values()) {
      reject(
        new HostError('CommandFailed', `running ${describeCommand(command)}: the command broker ${reason}`),
      );
    }
    this.#waiting.clear();
  }
}
