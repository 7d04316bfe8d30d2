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
  const cancel = clock.after(ms, () => {
    controller.abort(new DeadlineError(`gave up after ${ms} ms while ${doing}`));
  });
  const signal = parent === undefined ? controller.signal : AbortSignal.any([parent, controller.signal]);
  return { signal, [Symbol.dispose]: cancel };
}
