import type { Command } from './command.ts';

/** One JSON object a line, in each direction. */
export type BrokerRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly command: Required<Omit<Command, 'input'>> & Command;
    }
  | { readonly kind: 'kill'; readonly id: number };

export interface BrokerAnswer {
  readonly id: number;
  readonly ending: CommandEnding;
  readonly stdout: string;
  readonly stderrTail: string;
}

export type CommandEnding =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timedOut' }
  | { readonly kind: 'tooMuchOutput' }
  | { readonly kind: 'killed' }
  | { readonly kind: 'notStarted'; readonly code: string; readonly message: string };

/** Cuts a byte stream into lines; keeps an unfinished line for the next chunk. */
export function createLineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
