import { createHash } from 'node:crypto';
import { apiError, isApiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { ObjectName, Resource } from '../api/resource.ts';
import { formatTimestamp } from '../api/timestamp.ts';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/describe-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from './backoff.ts';
import type { ClusterApi } from './cluster-api.ts';
import { createWorkQueue } from './work-queue.ts';

/** A core/v1 Event, as far as we write it. */
export interface CoreEvent extends KubernetesObject {
  involvedObject: {
    apiVersion: string;
    kind: string;
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
  };
  type: EventType;
  reason: string;
  message: string;
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  source: { component: string; host: string };
  reportingComponent: string;
  reportingInstance: string;
}

export type EventType = 'Normal' | 'Warning';

export interface EventRecorder {
  /** Returns at once. What cannot be written is dropped: an event tells, it does not decide. */
  record(about: KubernetesObject, type: EventType, reason: string, message: string): void;
  /** Writes what is recorded until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export interface EventRecorderOptions {
  readonly clusterApi: Pick<ClusterApi, 'create' | 'get' | 'mergePatch'>;
  /** `muster-controller` or `muster-agent`. */
  readonly component: string;
  /** The member that reports. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const eventResource: Resource<CoreEvent> = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

// Per object: a burst of news, then one in a while, so that a loop cannot fill the store.
const burst = 25;
const refillMs = 60_000;
const pendingMax = 1_000;
const messageCharsMax = 1_024;

interface Pending {
  readonly event: CoreEvent;
  readonly name: ObjectName;
  times: number;
}

/** The same event about the same object is one Event object with a count, also across members and restarts. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clusterApi, clock, logger, random } = options;
  const pending = new Map<string, Pending>();
  const allow = createEventLimit(clock);

  async function write(key: string, signal: AbortSignal): Promise<undefined> {
    const entry = pending.get(key);
    if (entry === undefined) return;
    pending.delete(key);
    try {
      await upsert(clusterApi, entry, signal);
    } catch (error) {
      // Its namespace is being deleted, or the object is: nobody is left to tell.
      if (!isApiError(error, 'NotFound', 'Forbidden', 'Invalid')) {
        if (!pending.has(key)) pending.set(key, entry);
        throw error;
      }
      logger.debug({ event: key, reason: describeError(error) }, 'event not accepted');
    }
  }

  const queue = createWorkQueue({
    name: 'events',
    workers: 2,
    deadlineMs: 20_000,
    handle: write,
    clock,
    random,
    logger,
  });

  return {
    record(about, type, reason, message) {
      const event = buildEvent(options, about, type, reason, message);
      const { name, namespace = 'default' } = event.metadata;
      const key = `${namespace}/${name}`;
      const known = pending.get(key);
      if (known !== undefined) {
        known.times += 1;
        known.event.lastTimestamp = event.lastTimestamp;
        return;
      }
      if (pending.size >= pendingMax || !allow(event)) return;
      pending.set(key, { event, name: { name, namespace }, times: 1 });
      queue.add(key);
    },
    run: (signal) => queue.run(signal),
  };
}

async function upsert(
  clusterApi: Pick<ClusterApi, 'create' | 'get' | 'mergePatch'>,
  { event, name, times }: Pending,
  signal: AbortSignal,
): Promise<void> {
  // Nearly every event is new: looking first would double the requests.
  try {
    await clusterApi.create(eventResource, { ...event, count: times }, signal);
    return;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
  const stored = await clusterApi.get(eventResource, name, signal);
  // It expired in this moment: the queue tries again.
  if (stored === undefined) throw apiError('Conflict', `the Event ${name.name} has just been deleted`);
  const { resourceVersion } = stored.metadata;
  const { lastTimestamp } = event;
  const patch = { metadata: { resourceVersion }, count: stored.count + times, lastTimestamp };
  await clusterApi.mergePatch(eventResource, name, patch, {}, signal);
}

function buildEvent(
  { clock, component, host }: EventRecorderOptions,
  about: KubernetesObject,
  type: EventType,
  reason: string,
  fullMessage: string,
): CoreEvent {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  const message = fullMessage.slice(0, messageCharsMax);
  const now = formatTimestamp(clock.now());
  const identity = [component, host, about.kind, uid ?? name, type, reason, message].join('\n');
  const digest = createHash('sha256').update(identity).digest('hex').slice(0, 16);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    // An object's name may be as long as an Event's, which carries the digest besides.
    metadata: { name: `${name.slice(0, 200)}.${digest}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component, host },
    reportingComponent: component,
    reportingInstance: host,
  };
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

function createEventLimit(clock: Clock): (event: CoreEvent) => boolean {
  const buckets = new Map<string, Bucket>();
  let lookAtSize = pendingMax;

  /** Full buckets say nothing that a new one would not. */
  function forgetFull(nowMs: number): void {
    for (const [key, { tokens, filledMs }] of buckets) {
      if (tokens + (nowMs - filledMs) / refillMs >= burst) buckets.delete(key);
    }
    // Thousands that are in use are not looked through again for each that comes.
    lookAtSize = Math.max(pendingMax, 2 * buckets.size);
  }

  return ({ involvedObject: { kind, namespace = '', name } }) => {
    const nowMs = clock.monotonicMs();
    if (buckets.size > lookAtSize) forgetFull(nowMs);
    const key = `${kind}/${namespace}/${name}`;
    const { tokens, filledMs } = buckets.get(key) ?? { tokens: burst, filledMs: nowMs };
    const filled = Math.min(burst, tokens + (nowMs - filledMs) / refillMs);
    if (filled < 1) return false;
    buckets.set(key, { tokens: filled - 1, filledMs: nowMs });
    return true;
  };
}
