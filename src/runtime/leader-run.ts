import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/describe-error.ts';
import type { Logger } from '../base/logger.ts';
import { backoffMs, isAborted, pause, type Random } from './backoff.ts';

/** Where leadership is known; the store's view of it fits. */
export interface TermView {
  /** The term in which this member leads; undefined while it does not. */
  readonly leadingTerm: number | undefined;
  /** Calls back now and after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}

export interface LeaderRunOptions {
  readonly leadership: TermView;
  /** Runs until its signal aborts. Its writes must carry the term (`leaderHeaders`). */
  readonly run: (term: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Headers that make the writes of a deposed leader fail. */
export function leaderHeaders(term: number): Readonly<Record<string, string>> {
  return { 'Muster-Leader-Term': String(term) };
}

const backoff = { initialMs: 500, maxMs: 30_000 };

/**
 * Runs once per term while this member leads, one run at a time: the next term starts only after the last one
 * has ended. Resolves after the last run, once the signal has aborted.
 */
export async function runWhileLeading(options: LeaderRunOptions, signal: AbortSignal): Promise<void> {
  const { leadership, logger } = options;
  const terms = followTerms(leadership, signal);
  try {
    while (!signal.aborted) {
      const term = leadership.leadingTerm;
      if (term === undefined) {
        await terms.changed();
        continue;
      }
      logger.info({ term }, 'this member leads: controllers start');
      await runTerm(options, term, AbortSignal.any([signal, terms.endOf(term)]));
      logger.info({ term }, 'controllers have stopped');
    }
  } finally {
    terms.close();
  }
}

/** Repeats a run that ended although its term goes on. */
async function runTerm(
  { run, clock, random, logger }: LeaderRunOptions,
  term: number,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await run(term, signal);
    } catch (error) {
      if (!isAborted(signal)) {
        logger.error(
          { term, err: error, reason: describeError(error) },
          'the controllers failed, starting them again',
        );
      }
    }
    if (!isAborted(signal)) await pause(clock, backoffMs(backoff, failures, random), signal);
  }
}

interface TermChanges {
  /** Resolves at the next change, and at the stop. */
  changed(): Promise<void>;
  /** Aborts as soon as another term, or none, leads here. */
  endOf(term: number): AbortSignal;
  close(): void;
}

function followTerms(leadership: TermView, signal: AbortSignal): TermChanges {
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const unsubscribe = leadership.subscribe(tell);
  signal.addEventListener('abort', tell, { once: true });

  return {
    changed() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const listener = (): void => {
        listeners.delete(listener);
        resolve(undefined);
      };
      listeners.add(listener);
      if (signal.aborted || leadership.leadingTerm !== undefined) listener();
      return promise;
    },
    endOf(term) {
      const ended = new AbortController();
      const listener = (): void => {
        if (!signal.aborted && leadership.leadingTerm === term) return;
        listeners.delete(listener);
        ended.abort(new Error(`term ${term} is over`));
      };
      listeners.add(listener);
      listener();
      return ended.signal;
    },
    close() {
      unsubscribe();
      signal.removeEventListener('abort', tell);
      listeners.clear();
    },
  };
}
