import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';

export interface LineFileOptions {
  readonly path: string;
  /** A file that has grown beyond this becomes `path.1`, and that one `path.2`. */
  readonly maxBytes: number;
  /** Older ones that are kept. */
  readonly maxBackups: number;
}

export interface LineFile {
  /** Never waits and never throws: a log that cannot be written must not stop what it is about. */
  write(line: string): void;
  /** Resolves when everything that was written before has reached the file, or could not. */
  flush(): Promise<void>;
}

export interface LineFileDeps {
  readonly logger: Logger;
  readonly dropped: (lines: number) => void;
}

const maxWaitingBytes = 4 * 1024 * 1024;
// Each visit to the file is four calls on other threads: with every request of a hundred a second they took 2 % of a core from
// the main thread. A process that is killed loses the lines of this time.
const gatherMs = 50;

/** Lines go to the file in batches, one at a time; what a slow or full disk does not take is counted and dropped. */
export function createLineFile(options: LineFileOptions, { logger, dropped }: LineFileDeps): LineFile {
  const state = { waiting: [] as string[], waitingBytes: 0, isBroken: false };
  let work: Promise<void> | undefined;

  const drop = (count: number, reason: string): void => {
    dropped(count);
    if (state.isBroken) return;
    state.isBroken = true;
    logger.error({ path: options.path, lines: count, reason }, 'lines of the audit log are lost');
  };

  const drain = async (): Promise<void> => {
    while (state.waiting.length > 0) {
      await delay(gatherMs);
      const lines = state.waiting;
      state.waiting = [];
      state.waitingBytes = 0;
      try {
        await append(options, lines.join(''));
        if (state.isBroken) logger.info({ path: options.path }, 'the audit log is written again');
        state.isBroken = false;
      } catch (error) {
        drop(lines.length, describeError(error));
      }
    }
    work = undefined;
  };

  return {
    write(line) {
      if (state.waitingBytes + line.length > maxWaitingBytes) {
        drop(1, 'the disk does not keep up');
        return;
      }
      state.waiting.push(`${line}\n`);
      state.waitingBytes += line.length + 1;
      work ??= drain();
    },
    flush: () => work ?? Promise.resolve(),
  };
}

async function append(options: LineFileOptions, text: string): Promise<void> {
  const { path, maxBytes } = options;
  const size = await sizeOf(path);
  if (size === undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  else if (size + text.length > maxBytes) await rotate(options);
  await appendFile(path, text, { mode: 0o600 });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined; // The first line makes the file; any other trouble shows when it is written.
  }
}

async function rotate({ path, maxBackups }: LineFileOptions): Promise<void> {
  await rm(`${path}.${maxBackups}`, { force: true });
  for (let index = maxBackups - 1; index >= 0; index -= 1) {
    const from = index === 0 ? path : `${path}.${index}`;
    if ((await sizeOf(from)) !== undefined) await rename(from, `${path}.${index + 1}`);
  }
}
