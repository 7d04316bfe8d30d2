import type { Clock } from './clock.ts';

/** A signal that aborts after `ms` or with `parent`; dispose it so that no timer is left behind. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** `doing` completes the sentence "gave up after N ms while …". */
export function createDeadline(clock: Clock, ms: number, doing: string, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  // By hand: AbortSignal.any() keeps books for the garbage collector, which each request would pay for.
  const follow = (): void => controller.abort(parent?.reason);
  const cancel = clock.after(ms, () => {
    parent?.removeEventListener('abort', follow);
    controller.abort(new DeadlineError(`gave up after ${ms} ms while ${doing}`));
  });
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      cancel();
      parent?.removeEventListener('abort', follow);
    },
  };
}
