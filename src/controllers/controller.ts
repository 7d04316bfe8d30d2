import { isApiError } from '../api/api-error.ts';
import type { Condition, KubernetesObject } from '../api/meta.ts';
import { controllerComponent } from '../api/names.ts';
import { keyOf, type Resource } from '../api/resource.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { isDeleting } from '../reconcilers/finalizers.ts';
import type { Draft } from '../reconcilers/draft.ts';
import type { Saying, Step } from '../reconcilers/step.ts';
import type { Random } from '../runtime/backoff.ts';
import type { ClusterWriter } from '../runtime/cluster-api.ts';
import { commit } from '../runtime/commit.ts';
import type { Informer } from '../runtime/informer.ts';
import { mergeKeys, ownKeys, type KeyStream } from '../runtime/key-stream.ts';
import type { EventRecorder } from '../runtime/record-event.ts';
import { createWorkQueue, type WorkQueueCounts, type WorkResult } from '../runtime/work-queue.ts';
import { createConditionEvents, type ConditionEvents } from './condition-events.ts';
import { createOwnWrites, type OwnWrites } from './own-writes.ts';
import { runSteps, say } from './run-steps.ts';

/** What every controller needs to run; the same for all of them. */
export interface ControllerTools {
  readonly clusterApi: Pick<ClusterWriter, 'delete' | 'mergePatch'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Reconcilable extends KubernetesObject {
  status?: { conditions?: Condition[] | undefined } | undefined;
}

/** The table of contents of one kind: what wakes it, and which steps decide about it. */
export interface KindController<T extends Reconcilable, Deps> {
  readonly resource: Resource<T>;
  readonly informer: Informer<T>;
  /** Keys besides those of the objects that change themselves. */
  readonly alsoOn: readonly KeyStream[];
  /** Keep finalizers; run alone in a pass when they change something. */
  readonly metadataSteps: readonly Step<T, Deps>[];
  readonly statusSteps: readonly Step<Draft<T>, Deps>[];
  /** Instead of `statusSteps` once the object is being deleted. */
  readonly deletionSteps: readonly Step<Draft<T>, Deps>[];
  readonly depsFor: (stored: T) => Deps;
  /**
   * What `Ready` says where the steps did not get as far as to say it: otherwise it would be missing exactly
   * when people look at it. Undefined leaves it to its owner.
   */
  readonly summarize?: (stored: T, draft: Draft<T>, unsettled: Saying | undefined) => Saying | undefined;
  /** Takes back what `depsFor` made a note of when it could not be committed. */
  readonly undo?: (key: string) => void;
}

export interface Controller {
  readonly name: string;
  readonly counts: WorkQueueCounts;
  run(signal: AbortSignal): Promise<void>;
}

// Each waits for its writes nearly all of the time, and writes that come together share a commit.
const workers = 8;
const deadlineMs = 60_000;

export function createController<T extends Reconcilable, Deps>(
  kind: KindController<T, Deps>,
  tools: ControllerTools,
): Controller {
  const { resource, informer, alsoOn } = kind;
  const { clock, random, logger } = tools;
  const name = resource.plural;
  const conditionEvents = createConditionEvents(informer, tools.events, clock);
  const ownWrites = createOwnWrites();
  const queue = createWorkQueue({
    name,
    workers,
    deadlineMs,
    clock,
    random,
    logger,
    handle: (key, signal) => reconcile(kind, { ...tools, conditionEvents, ownWrites }, key, signal),
  });
  return {
    name,
    get counts() {
      return queue.counts;
    },
    async run(signal) {
      mergeKeys(ownKeys(informer), ...alsoOn).feed(queue, signal);
      try {
        await queue.run(signal);
      } finally {
        conditionEvents.close();
      }
    },
  };
}

interface PassTools<T extends Reconcilable> extends ControllerTools {
  readonly conditionEvents: ConditionEvents<T>;
  readonly ownWrites: OwnWrites;
}

async function reconcile<T extends Reconcilable, Deps>(
  kind: KindController<T, Deps>,
  tools: PassTools<T>,
  key: string,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  const stored = kind.informer.get(key);
  if (stored === undefined) {
    tools.ownWrites.forget(key);
    return undefined;
  }
  if (tools.ownWrites.isOutdated(key, stored)) return undefined;
  try {
    if (await keepMetadata(kind, tools, stored, signal)) return undefined;
    return await keepStatus(kind, tools, stored, signal);
  } catch (error) {
    kind.undo?.(key);
    // Gone since the cache was filled: there is nothing left to decide about.
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** True when something changed: the change itself brings the key back, with what it led to. */
async function keepMetadata<T extends Reconcilable, Deps>(
  { resource, metadataSteps, depsFor }: KindController<T, Deps>,
  { clusterApi, ownWrites }: PassTools<T>,
  stored: T,
  signal: AbortSignal,
): Promise<boolean> {
  const draft = structuredClone(stored);
  const deps = depsFor(stored);
  for (const step of metadataSteps) await step.run(draft, deps, signal);
  const written = await commit(
    clusterApi,
    { resource, stored, draft, fieldManager: controllerComponent },
    signal,
  );
  if (written === stored) return false;
  ownWrites.note(keyOf(written), written);
  return true;
}

async function keepStatus<T extends Reconcilable, Deps>(
  kind: KindController<T, Deps>,
  { clusterApi, clock, conditionEvents, ownWrites }: PassTools<T>,
  stored: T,
  signal: AbortSignal,
): Promise<WorkResult | undefined> {
  const { resource, statusSteps, deletionSteps, depsFor, summarize } = kind;
  const steps = isDeleting(stored.metadata) ? deletionSteps : statusSteps;
  const draft = withStatus(structuredClone(stored));
  const nowMs = clock.now();
  const result = await runSteps(steps, draft, depsFor(stored), nowMs, signal);
  const summary = summarize?.(stored, draft, result.unsettled);
  if (summary !== undefined) say(draft, 'Ready', summary, nowMs);
  const written = await commit(
    clusterApi,
    { resource, stored, draft, fieldManager: controllerComponent },
    signal,
  );
  if (written !== stored) ownWrites.note(keyOf(written), written);
  conditionEvents.tell(stored, result.changed);
  if (result.error !== undefined) throw new Error(`reconciling ${resource.kind}`, { cause: result.error });
  return result.recheckMs === undefined ? undefined : { recheckMs: result.recheckMs };
}

function withStatus<T extends Reconcilable>(draft: T): Draft<T> {
  draft.status ??= {};
  return draft as Draft<T>; // it has one now
}
