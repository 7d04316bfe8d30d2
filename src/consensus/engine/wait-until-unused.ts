import { runHelper } from './helper-command.ts';

/** Longer than a helper whose musterd was killed takes to stop: it closes its segments, and cuts them to size. */
const stopLimitMs = 15_000;

/**
 * Resolves when no helper works on the directory. To be called before its files are copied: a copy of a file that
 * shrinks meanwhile is damaged, and libuv's never ends.
 */
export async function waitUntilUnused(helperPath: string, directory: string): Promise<void> {
  await runHelper({
    helperPath,
    args: ['wait', '--dir', directory, '--lock-wait-ms', String(stopLimitMs)],
    doing: `waiting for the database in ${directory}`,
    limitMs: stopLimitMs + 5_000,
  });
}
