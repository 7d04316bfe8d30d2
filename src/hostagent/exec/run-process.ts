import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { BrokerAnswer, BrokerRequest, CommandEnding } from './broker-protocol.ts';

type RunRequest = Extract<BrokerRequest, { kind: 'run' }>;

export interface RunningProcess {
  /** Kills the whole process group. The answer follows as after any other ending. */
  kill(ending: CommandEnding): void;
}

// Nothing of our own environment reaches a command: it may hold what is nobody's business, and a locale would
// change what the parsers read.
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
};
const stderrTailChars = 4_096;
// A daemon that a command left behind may hold the pipes open; its output is not the command's.
const pipesGraceMs = 200;

/** Starts the command and calls back exactly once. Used by the broker process only. */
export function runProcess(
  { id, command }: RunRequest,
  after: (ms: number, callback: () => void) => () => void,
  done: (answer: BrokerAnswer) => void,
): RunningProcess {
  let stdout = '';
  let stdoutBytes = 0;
  let stderrTail = '';
  let forced: CommandEnding | undefined;
  let isDone = false;

  const finish = (ending: CommandEnding): void => {
    if (isDone) return;
    isDone = true;
    cancelTimeout();
    child?.stdout?.destroy();
    child?.stderr?.destroy();
    done({ id, ending: forced ?? ending, stdout, stderrTail });
  };
  const kill = (ending: CommandEnding): void => {
    forced ??= ending;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    killGroup(child.pid);
  };
  const cancelTimeout = after(command.timeoutMs, () => {
    kill({ kind: 'timedOut' });
  });

  const child = start(command, finish);
  if (child === undefined) return { kill };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdoutBytes += Buffer.byteLength(text);
    if (stdoutBytes > command.outputLimitBytes) kill({ kind: 'tooMuchOutput' });
    else stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-stderrTailChars);
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    finish({ kind: 'notStarted', code: error.code ?? 'UNKNOWN', message: error.message });
  });
  child.on('exit', (exitCode, signal) => {
    const ending: CommandEnding =
      exitCode === null ? { kind: 'signalled', signal: signal ?? 'unknown' } : { kind: 'exited', exitCode };
    child.on('close', () => {
      finish(ending);
    });
    after(pipesGraceMs, () => {
      finish(ending);
    });
  });
  return { kill };
}

function start(
  command: RunRequest['command'],
  finish: (ending: CommandEnding) => void,
): ChildProcess | undefined {
  const { program, args, input } = command;
  let inputFile: number | undefined;
  try {
    inputFile = input?.kind === 'file' ? openSync(input.path, 'r') : undefined;
    const stdin = inputFile ?? (input === undefined ? 'ignore' : 'pipe');
    // A process group of its own, so that a pipeline or a helper of the command dies with it.
    const child = spawn(program, [...args], {
      cwd: '/',
      env: environment,
      detached: true,
      stdio: [stdin, 'pipe', 'pipe'],
    });
    // A command that does not read its input to the end is its own business; its exit code tells.
    child.stdin?.on('error', () => undefined);
    if (input?.kind === 'text') child.stdin?.end(input.text);
    return child;
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException; // openSync and spawn throw system errors
    setImmediate(() => {
      finish({ kind: 'notStarted', code, message });
    });
    return undefined;
  } finally {
    if (inputFile !== undefined) closeSync(inputFile);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group ended in this moment: that is what was wanted.
  }
}
