import type { Clock } from '../base/clock.ts';
import { inStepIfLong } from '../base/in-step.ts';
import { pause } from './backoff.ts';

export interface ChangeSource {
  /** Calls back after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}

/** Lets a loop rest until something has changed. */
export interface Changes {
  /** Resolves after about the time, or sooner: with a change, also one that came since the last call; or at the abort. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

export function followChanges(sources: readonly ChangeSource[], clock: Clock): Changes {
  const state = { hasChanged: false, waiting: new AbortController() };
  const note = (): void => {
    state.hasChanged = true;
    state.waiting.abort();
  };
  const unsubscribes = sources.map((source) => source.subscribe(note));
  return {
    async wait(ms, signal) {
      state.waiting = new AbortController();
      if (!state.hasChanged) {
        await pause(clock, inStepIfLong(clock, ms), AbortSignal.any([signal, state.waiting.signal]));
      }
      state.hasChanged = false;
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}
