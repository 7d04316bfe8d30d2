/**
 * Loaded before musterd by `node --import`: at SIGUSR2 the main thread stands still for as long as a file exists, as in a
 * long garbage collection. The thread that carries the database's traffic goes on: the member keeps its say in elections.
 */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

import { stallVariable } from './member-stalls.ts';

const lookAgainMs = 20;
const file = process.env[stallVariable];

if (isMainThread && file !== undefined) {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  process.on('SIGUSR2', () => {
    while (existsSync(file)) Atomics.wait(nobody, 0, 0, lookAgainMs);
  });
}
