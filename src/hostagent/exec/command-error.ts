import type { CommandEnding } from './broker-protocol.ts';
import { defaultOutputLimitBytes, defaultTimeoutMs, describeCommand, type Command } from './command.ts';
import { HostError, type FailedCommand, type HostErrorCode } from './host-error.ts';

const lastLinesChars = 400;

/** Undefined when the command ended well. */
export function toCommandError(
  command: Command,
  ending: CommandEnding,
  stderrTail: string,
): HostError | undefined {
  if (ending.kind === 'exited' && ending.exitCode === 0) return undefined;
  const [code, what] = explain(command, ending);
  const failed: FailedCommand = {
    command: describeCommand(command),
    stderrTail,
    ...(ending.kind === 'exited' ? { exitCode: ending.exitCode } : {}),
  };
  const said = stderrTail.trim().slice(-lastLinesChars);
  const doing = `running ${command.program} ${what}${said === '' ? '' : `: ${said}`}`;
  return new HostError(isNoSpace(stderrTail) ? 'NoSpace' : code, doing, { failed });
}

function explain(command: Command, ending: CommandEnding): readonly [HostErrorCode, string] {
  switch (ending.kind) {
    case 'exited':
      return ['CommandFailed', `failed with exit code ${ending.exitCode}`];
    case 'signalled':
      return ['CommandFailed', `was ended by ${ending.signal}`];
    case 'timedOut':
      return ['Timeout', `took longer than ${command.timeoutMs ?? defaultTimeoutMs} ms`];
    case 'tooMuchOutput':
      return [
        'CommandFailed',
        `wrote more than ${command.outputLimitBytes ?? defaultOutputLimitBytes} bytes of output`,
      ];
    case 'killed':
      return ['CommandFailed', 'was killed because it is not wanted any more'];
    case 'noInput':
      return ['CommandFailed', `could not start: its input cannot be opened: ${ending.message}`];
    case 'notStarted':
      return ending.code === 'ENOENT'
        ? ['NotFound', 'could not start: is it installed?']
        : ['CommandFailed', `could not start: ${ending.message}`];
  }
}

function isNoSpace(stderrTail: string): boolean {
  return /No space left on device|Disk quota exceeded/.test(stderrTail);
}
