import type { Condition } from '../api/meta.ts';

/** What the work queue does next. Throwing means "unexpected": retry with backoff. */
export type Outcome =
  | {
      readonly kind: 'settled';
      readonly reason?: string;
      readonly message?: string;
      /** `False` where that is as good an end as any other: an Offline member, an unused image. */
      readonly status?: 'False' | 'True';
    }
  /** Nothing will announce the change we wait for, so look again after a time. */
  | {
      readonly kind: 'waiting';
      readonly reason: string;
      readonly message: string;
      readonly recheckMs: number;
    }
  /** Only a change to something we watch can help. No timer. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly message: string };

export const settled: Outcome = { kind: 'settled' };

/** What a condition says. */
export type Saying = Pick<Condition, 'message' | 'reason' | 'status'>;

/**
 * One step owns one condition. It may edit `draft`, and must not keep it; it never writes conditions
 * itself. `condition` is absent for steps that only keep metadata in order. Every step can run twice,
 * late, or on a stale cache with the same result.
 */
export interface Step<T, Deps> {
  readonly condition?: string;
  /** The condition is for looking up: worth an Event only once the object is being deleted. */
  readonly isBookkeeping?: boolean;
  readonly run: (draft: T, deps: Deps, signal: AbortSignal) => Outcome | Promise<Outcome>;
}
