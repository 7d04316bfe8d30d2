import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Store } from '../store/store.ts';
import type { Peer } from './membership.ts';
import { decodePeer, encodePeer, peersPrefix } from './peer-entry.ts';

export interface RegisterSelfOptions {
  readonly self: Peer;
  readonly store: Store;
  /** Only the first member of a cluster enters itself; all others are added by a leader. */
  readonly bootstrap: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Registration {
  /** Resolves when the directory holds this member as it is now. */
  done(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const attemptLimitMs = 10_000;
const pauseMs = 1_000;

/** Brings this member's entry in the directory up to date: its address may have changed since. */
export function registerSelf(options: RegisterSelfOptions): Registration {
  const closing = new AbortController();
  const registered = Promise.withResolvers<undefined>();
  const running = run(options, closing.signal, () => registered.resolve(undefined));
  return {
    async done(signal) {
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
      await Promise.race([registered.promise, aborted.promise]);
    },
    async close() {
      closing.abort(new Error('this member shuts down'));
      await running;
    },
  };
}

async function run(options: RegisterSelfOptions, signal: AbortSignal, done: () => void): Promise<void> {
  const { clock, logger, self } = options;
  try {
    while (!(await tryOnce(options, signal))) await clock.sleep(pauseMs, signal);
    done();
  } catch (error) {
    // Only the end of the wait gets here: what an attempt throws is the reason for the next one.
    logger.debug({ member: self.name, cause: describeError(error) }, 'stopped registering this member');
  }
}

async function tryOnce(options: RegisterSelfOptions, signal: AbortSignal): Promise<boolean> {
  try {
    return await attempt(options, signal);
  } catch (error) {
    const { logger, self } = options;
    logger.debug({ member: self.name, cause: describeError(error) }, 'not registered yet; trying again');
    return false;
  }
}

async function attempt(
  { self, store, bootstrap, clock }: RegisterSelfOptions,
  parent: AbortSignal,
): Promise<boolean> {
  using deadline = createDeadline(clock, attemptLimitMs, 'registering this member', parent);
  const { signal } = deadline;
  await store.readBarrier(signal);
  const key = peersPrefix + self.id;
  const stored = store.get(key);
  if (stored === undefined && !bootstrap) return false;
  // The name is the cluster's to say: this member may have been renamed, and not know it yet.
  const value = encodePeer(stored === undefined ? self : { ...self, name: decodePeer(stored.value).name });
  if (stored !== undefined && Buffer.compare(stored.value, value) === 0) return true;
  const conditions = [{ key, revision: stored?.revision ?? 0 }];
  const result = await store.commit({ conditions, operations: [{ kind: 'put', key, value }] }, signal);
  return result.kind === 'committed';
}
