import { createInterface } from 'node:readline/promises';
import { OperatorError } from '../../operator-error.ts';

/** Asks on the terminal; any other answer than "yes" ends the command. `--yes` is for scripts. */
export async function confirmOrAbort(
  explanation: string,
  { operation, yes }: { readonly operation: string; readonly yes: boolean },
): Promise<void> {
  console.error(explanation);
  if (yes) return;
  if (!process.stdin.isTTY) throw new OperatorError('nobody is there to confirm this: pass --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    if ((await terminal.question('Do you want to proceed? (yes/no): ')).trim() === 'yes') return;
  } finally {
    terminal.close();
  }
  throw new OperatorError(`${operation} operation aborted`);
}
