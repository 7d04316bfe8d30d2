import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { ConsensusError } from '../consensus-error.ts';

export interface HelperCommand {
  readonly helperPath: string;
  readonly args: readonly string[];
  /** Begins the error: "DOING: what the helper said". */
  readonly doing: string;
  readonly limitMs: number;
}

/** Runs one command of `muster-dqlite` to its end. */
export async function runHelper({ helperPath, args, doing, limitMs }: HelperCommand): Promise<void> {
  const child = spawn(helperPath, args, {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<string>();
  child.once('error', reject);
  child.once('close', (code, signal) => {
    if (code === 0) resolve('');
    else resolve(signal === null ? `it ended with code ${String(code)}` : `no end within ${limitMs} ms`);
  });
  const complaint = text(child.stderr);
  const failure = await ended;
  if (failure === '') return;
  const said = (await complaint).trim().replace(/^muster-dqlite: /, '');
  throw new ConsensusError('Closed', `${doing}: ${said === '' ? failure : said}`);
}
