import { describeError } from '../../base/describe-error.ts';
import { isConsensusError } from '../../consensus/consensus-error.ts';
import type { ServerDeps } from '../server-deps.ts';
import { cleanUpDefinitions } from './definitions.ts';
import { createEventExpiry } from './events.ts';
import { collectGarbage } from './garbage.ts';
import { emptyNamespaces } from './namespaces.ts';
import { createOwnershipIndex } from './ownership-index.ts';
import { makeDefaultServiceAccounts } from './service-accounts.ts';
import type { UpkeepContext } from './upkeep-context.ts';

const settleMs = 100; // lets a burst of changes become one pass
const idleMs = 60_000; // events grow old without any change to announce it

/**
 * The chores that the API itself promises: emptying namespaces and definitions that go, collecting what has lost its
 * owners, forgetting old events. Done where the store leads, under its term, and safe to do twice.
 */
export function startUpkeep(deps: ServerDeps): () => void {
  const { leadership } = deps.store;
  let current: { readonly term: number; readonly stop: AbortController } | undefined;
  const unsubscribe = leadership.subscribe(() => {
    const term = leadership.leadingTerm;
    if (current?.term === term) return;
    current?.stop.abort();
    current = term === undefined ? undefined : { term, stop: new AbortController() };
    if (current === undefined) return;
    keepUp(deps, current.term, current.stop.signal).catch((error: unknown) => {
      deps.logger.error({ error: describeError(error) }, 'upkeep has stopped until the next term');
    });
  });
  return () => {
    unsubscribe();
    current?.stop.abort();
  };
}

async function keepUp(deps: ServerDeps, term: number, signal: AbortSignal): Promise<void> {
  const index = createOwnershipIndex(deps.store);
  const context: UpkeepContext = { ...deps, term, signal, index };
  const waker = createWaker(deps);
  const events = createEventExpiry(deps.store);
  const chores = [...commonChores, events.expireEvents];
  try {
    while (!signal.aborted) {
      const pass = waker.next(signal);
      await runPass(context, chores);
      await pass;
    }
  } finally {
    waker.close();
    index.close();
    events.close();
  }
}

type Chore = (context: UpkeepContext) => Promise<void>;

const commonChores: readonly Chore[] = [
  emptyNamespaces,
  makeDefaultServiceAccounts,
  cleanUpDefinitions,
  collectGarbage,
];

async function runPass(context: UpkeepContext, chores: readonly Chore[]): Promise<void> {
  for (const chore of chores) {
    try {
      await chore(context);
    } catch (error) {
      // The next pass starts from what is true then; without the leadership there is none.
      if (context.signal.aborted || isConsensusError(error)) return;
      context.logger.warn({ chore: chore.name, error: describeError(error) }, 'upkeep will be tried again');
    }
  }
}

interface Waker {
  /** Resolves after the next change, or after a minute. */
  next(signal: AbortSignal): Promise<void>;
  close(): void;
}

function createWaker({ store, clock }: ServerDeps): Waker {
  let wake: () => void = () => undefined;
  const handle = store.watch(
    '/registry/',
    store.revision,
    (_revision, changes) => {
      if (changes.length > 0) wake();
    },
    () => undefined,
  );
  return {
    next(signal) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const done = (): void => {
        resolve(undefined);
      };
      let cancel = clock.after(idleMs, done);
      wake = () => {
        cancel();
        cancel = clock.after(settleMs, done);
        wake = () => undefined;
      };
      signal.addEventListener('abort', done, { once: true });
      return promise.then(() => {
        cancel();
        signal.removeEventListener('abort', done);
      });
    },
    close: () => {
      handle.close();
    },
  };
}
