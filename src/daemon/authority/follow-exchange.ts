import { setCondition } from '../../api/conditions.ts';
import { memberExchangeCondition } from '../../api/authority.ts';
import { isApiError } from '../../api/api-error.ts';
import { members } from '../../api/generated/resources.ts';
import { followPrefix } from '../../apiserver/registry/follow-prefix.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import { inStep } from '../../base/in-step.ts';
import type { Store, StoreReader } from '../../consensus/store/store.ts';
import { isAborted } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { commit } from '../../runtime/commit.ts';
import { followChanges, type ChangeSource } from '../../runtime/follow-changes.ts';
import { carryOut, type CarryOutDeps } from './carry-out.ts';
import { readExchangeFile } from './exchange-file.ts';
import { decodeExchange, exchangeKey, viewOf, type AuthorityExchange } from './exchange-record.ts';
import { planOwnPart, type OwnPart } from './own-part.ts';

export interface FollowExchangeDeps extends CarryOutDeps {
  readonly store: StoreReader & Pick<Store, 'readBarrier'>;
  /** Speaks for the cluster. */
  readonly clusterApi: Pick<ClusterApi, 'get' | 'mergePatch'>;
}

// A change wakes it; this is for what failed without a word.
const lookEveryMs = 600_000;
const retryMs = 1_000;
const barrierMs = 5_000;
const fieldManager = 'muster-authority';

/** Carries out each step of an exchange of the cluster's authority on this member, and says so. Works until the abort. */
export async function followExchange(deps: FollowExchangeDeps, signal: AbortSignal): Promise<void> {
  const { context, store } = deps;
  const { clock } = context;
  const logger = context.logger.child({ part: 'authority' });
  const changes = followChanges([exchangeIn(store)], clock);
  const done: Done = { part: '', isCurrent: false };
  try {
    while (!isAborted(signal)) {
      const isDone = await look(deps, done, signal).catch((error: unknown) => {
        if (!isAborted(signal)) {
          logger.warn(
            { reason: describeError(error) },
            'a step of the exchange of the authority failed, trying again',
          );
        }
        return false;
      });
      await changes.wait(isDone ? inStep(clock, lookEveryMs) : retryMs, signal);
    }
  } finally {
    changes.close();
  }
}

function exchangeIn(store: StoreReader): ChangeSource {
  return {
    subscribe: (changed) => followPrefix(store, exchangeKey, { reset: changed, change: changed }),
  };
}

interface Done {
  part: string;
  /** What the store says is not of before this member started: it would carry out again what is over. */
  isCurrent: boolean;
}

/** Answers whether there is nothing left to do. */
async function look(deps: FollowExchangeDeps, done: Done, signal: AbortSignal): Promise<boolean> {
  const { context, store } = deps;
  if (!done.isCurrent) done.isCurrent = await catchUp(deps, signal);
  if (!done.isCurrent) return false;
  const entry = store.get(exchangeKey);
  const stored = entry === undefined ? undefined : decodeExchange(entry);
  const begun = await readExchangeFile(context.dataDir);
  const part = planOwnPart(stored, begun, context.identity.authority.certPem);
  const key = `${part.kind} ${entry?.revision ?? 0}`;
  if (key === done.part) return true;
  if (part.kind === 'carry out') await carryOut(deps, part.exchange);
  if (part.kind !== 'rest' && !(await report(deps, part, signal))) return false;
  done.part = key;
  return true;
}

/** Without a majority nobody takes a step either, and this member goes on with what it has. */
async function catchUp({ context, store }: FollowExchangeDeps, parent: AbortSignal): Promise<boolean> {
  try {
    using deadline = createDeadline(
      context.clock,
      barrierMs,
      'reading the exchange of the authority',
      parent,
    );
    await store.readBarrier(deadline.signal);
    return true;
  } catch {
    // Told by others, as long as there is no majority.
    return false;
  }
}

/** Answers whether it could be said. */
async function report(
  { context, clusterApi }: FollowExchangeDeps,
  part: Exclude<OwnPart, { readonly kind: 'rest' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { config, clock, logger } = context;
  const stored = await clusterApi.get(members, { name: config.name }, signal);
  if (stored === undefined) return false;
  const draft = structuredClone(stored);
  const { exchange } = part;
  const saying =
    part.kind === 'missed'
      ? ({ status: 'False', reason: 'Missed', message: part.problem } as const)
      : ({ status: 'True', reason: exchange.step, message: describeStep(exchange) } as const);
  if (part.kind === 'missed') logger.error({ problem: part.problem }, 'this member has missed the exchange');
  setCondition((draft.status ??= {}), { type: memberExchangeCondition, ...saying }, clock.now());
  try {
    await commit(clusterApi, { resource: members, stored, draft, fieldManager }, signal);
    return true;
  } catch (error) {
    // Somebody else wrote into the status: look again.
    if (isApiError(error, 'Conflict')) return false;
    throw error;
  }
}

function describeStep(exchange: AuthorityExchange): string {
  const { step, id } = viewOf(exchange);
  switch (step) {
    case 'Trusted':
    case 'Returning':
      return `it signs with the former authority, and the new one (SHA-256 ${id}) counts as well`;
    case 'Signing':
      return `it signs with the new authority (SHA-256 ${id}), and the former one counts as well`;
    case 'Ended':
      return `only the new authority (SHA-256 ${id}) counts here`;
    case 'Canceled':
      return `only the former authority counts here, and not the new one (SHA-256 ${id})`;
  }
}
