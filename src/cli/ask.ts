import { createInterface } from 'node:readline/promises';
import { UsageError } from './usage-error.ts';

/** Asks on the terminal; only "yes" is one. Where nobody can answer, the caller has to be told beforehand. */
export async function confirm(question: string, insteadOfAnswer: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError(`nobody is there to confirm this: pass ${insteadOfAnswer}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} (yes/no): `)).trim() === 'yes';
  } finally {
    terminal.close();
  }
}
