import { fork } from 'node:child_process';
import path from 'node:path';

import type { LoadResult, LoadShape } from './load.ts';
import type { LoadOrder } from './load-process.ts';

const startLimitMs = 30_000;

/** Runs one measurement in a process of its own. `module` is the file URL of a `LoadModule`. */
export async function runLoad(module: URL, target: unknown, shape: LoadShape): Promise<LoadResult> {
  const child = fork(path.join(import.meta.dirname, 'load-process.ts'), { stdio: 'inherit' });
  const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs + shape.warmUpMs + shape.durationMs);
  try {
    return await new Promise<LoadResult>((resolve, reject) => {
      child.once('message', (result: LoadResult) => resolve(result));
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`the load process of ${module.href} ended with ${signal ?? `code ${code}`}`));
      });
      child.send({ module: module.href, target, shape } satisfies LoadOrder);
    });
  } finally {
    clearTimeout(timer);
  }
}
