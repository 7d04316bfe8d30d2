/** One program run to its end. There is no shell: arguments arrive as they are. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: CommandInput;
  /** After this time the whole process group is killed. */
  readonly timeoutMs?: number;
  /** More output than this is a failure: what is cut cannot be parsed. */
  readonly outputLimitBytes?: number;
}

export type CommandInput =
  | { readonly kind: 'text'; readonly text: string }
  /** Opened by the broker, so that the program itself needs no right to reach the path. */
  | { readonly kind: 'file'; readonly path: string };

/** Runs commands away from this process, whose size would make each start slow. */
export interface CommandRunner {
  /**
   * Answers standard output. Any other ending than exit code 0 is a `HostError`; when the signal aborts, the
   * command is killed and the signal's reason thrown.
   */
  run(command: Command, signal: AbortSignal): Promise<string>;
}

export const defaultTimeoutMs = 30_000;
export const defaultOutputLimitBytes = 4 * 1024 * 1024;

export function describeCommand({ program, args }: Pick<Command, 'args' | 'program'>): string {
  return [program, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}
