import { isApiError } from '../../api/api-error.ts';
import type { Store } from '../../consensus/store/store.ts';

/** The write lost against another one that changed the same state meanwhile: look again. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
  /** What the client is told when the race is lost again and again, or must not be repeated. */
  readonly refusal: Error;

  constructor(refusal: Error) {
    super('the write lost a race');
    this.refusal = refusal;
  }
}

const maxAttempts = 6;

/**
 * Writes start from this member's cache, which may lag behind the leader. So a refusal that fresher state could turn
 * into success is not final at the first attempt: the later ones wait for everything that was committed before them.
 */
export async function withFreshState<T>(
  store: Store,
  signal: AbortSignal,
  attempt: (isFresh: boolean) => Promise<T>,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    if (number > 1) await store.readBarrier(signal);
    try {
      return await attempt(number > 1);
    } catch (error) {
      if (error instanceof LostRace && number >= maxAttempts) throw error.refusal;
      const mayBeStale = number === 1 && isApiError(error, 'NotFound', 'Conflict', 'AlreadyExists');
      if (!(error instanceof LostRace) && !mayBeStale) throw error;
    }
  }
}
