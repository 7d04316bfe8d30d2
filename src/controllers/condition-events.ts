import { findCondition } from '../api/conditions.ts';
import type { Condition } from '../api/meta.ts';
import { keyOf } from '../api/resource.ts';
import type { Clock } from '../base/clock.ts';
import { isDeleting } from '../reconcilers/finalizers.ts';
import type { Informer } from '../runtime/informer.ts';
import type { EventRecorder } from '../runtime/record-event.ts';
import type { Reconcilable } from './controller.ts';
import type { ConditionNews } from './run-steps.ts';

/** Turns changed conditions into Events. */
export interface ConditionEvents<T extends Reconcilable> {
  tell(stored: T, changed: readonly ConditionNews[]): void;
  /** Drops what is held back. */
  close(): void;
}

// What passes sooner, as everything does while a cluster starts, is nothing to warn of.
const warnAfterMs = 2_000;

/**
 * Good news is told at once; trouble only when its condition still says the same after a while. A change in
 * between starts the wait anew.
 */
export function createConditionEvents<T extends Reconcilable>(
  informer: Pick<Informer<T>, 'get'>,
  events: Pick<EventRecorder, 'record'>,
  clock: Clock,
): ConditionEvents<T> {
  const held = new Map<string, () => void>();

  function hold(stored: T, { type, status, reason }: Condition): void {
    const key = keyOf(stored);
    const cancel = clock.after(warnAfterMs, () => {
      held.delete(`${key} ${type}`);
      const current = informer.get(key);
      const condition = findCondition(current?.status, type);
      if (current?.metadata.uid !== stored.metadata.uid) return;
      if (condition?.status !== status || condition.reason !== reason) return;
      events.record(stored, 'Warning', condition.reason, condition.message);
    });
    held.set(`${key} ${type}`, cancel);
  }

  return {
    tell(stored, changed) {
      for (const { condition, isTrouble, isBookkeeping } of changed) {
        const id = `${keyOf(stored)} ${condition.type}`;
        held.get(id)?.();
        held.delete(id);
        if (condition.message === '' || (isBookkeeping && !isDeleting(stored.metadata))) continue;
        if (isTrouble) hold(stored, condition);
        else events.record(stored, 'Normal', condition.reason, condition.message);
      }
    },
    close() {
      for (const cancel of held.values()) cancel();
      held.clear();
    },
  };
}
