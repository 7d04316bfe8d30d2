import { describeError } from '../../base/describe-error.ts';
import { backoffMs, isAborted, pause } from '../../runtime/backoff.ts';
import type { MemberContext } from './member-context.ts';

export interface Part {
  readonly name: string;
  /** Works until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

const backoff = { initialMs: 500, maxMs: 30_000 };
// A part that does not stop in time must not keep the member from handing its leadership over.
const stopMs = 5_000;

/** Runs every part, and starts again what fails. Resolves when all have stopped after the abort. */
export async function superviseAll(
  parts: readonly Part[],
  context: Pick<MemberContext, 'clock' | 'logger' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(parts.map((part) => supervise(part, context, signal)));
}

async function supervise(
  { name, run }: Part,
  { clock, logger, random }: Pick<MemberContext, 'clock' | 'logger' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !isAborted(signal); failures += 1) {
    try {
      await Promise.race([run(signal), lateStop(name, { clock, logger }, signal)]);
    } catch (error) {
      if (isAborted(signal)) return;
      logger.error({ part: name, err: error, reason: describeError(error) }, 'a part of the member failed');
    }
    if (!isAborted(signal)) await pause(clock, backoffMs(backoff, failures, random), signal);
  }
}

async function lateStop(
  name: string,
  { clock, logger }: Pick<MemberContext, 'clock' | 'logger'>,
  signal: AbortSignal,
): Promise<void> {
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', resolve, { once: true });
  });
  await new Promise<void>((resolve) => {
    clock.after(stopMs, () => {
      logger.warn({ part: name }, 'a part of the member did not stop in time and is left behind');
      resolve();
    });
  });
}
