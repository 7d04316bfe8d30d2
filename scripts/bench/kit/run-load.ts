import type { LoadResult, LoadShape } from './load.ts';
import type { LoadOrder } from './load-process.ts';
import { runChild } from './run-child.ts';

const startLimitMs = 30_000;

/** Runs one measurement in a process of its own. `module` is the file URL of a `LoadModule`. */
export function runLoad(module: URL, target: unknown, shape: LoadShape): Promise<LoadResult> {
  const order: LoadOrder = { module: module.href, target, shape };
  const timeoutMs = startLimitMs + shape.warmUpMs + shape.durationMs;
  return runChild<LoadResult>(new URL('./load-process.ts', import.meta.url), order, timeoutMs);
}
