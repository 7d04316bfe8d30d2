import { isDeepStrictEqual } from 'node:util';
import { isApiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { keyOf, type Resource } from '../api/resource.ts';
import { withoutOwners } from '../api/without-owners.ts';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/describe-error.ts';
import type { Logger } from '../base/logger.ts';
import { backoffMs, isAborted, pause, type Random } from './backoff.ts';
import type { ClusterApi, ListOptions, WatchEvent } from './cluster-api.ts';
import type { Informer, InformerChange } from './informer.ts';
import { createSharedTexts } from './share-texts.ts';

export interface InformerOptions {
  readonly clusterApi: Pick<ClusterApi, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Follows only a part of the kind. */
  readonly scope?: Pick<ListOptions, 'fieldSelector' | 'labelSelector' | 'namespace'>;
}

const backoff = { initialMs: 250, maxMs: 15_000 };
// A watch that lived this long was healthy: what ends it is not counted as one more failure in a row.
const healthyWatchMs = 10_000;
// Finds what a watch lost without anybody noticing.
const relistMs = 10 * 60_000;

export function createInformer<T extends KubernetesObject>(
  resource: Resource<T>,
  options: InformerOptions,
): Informer<T> {
  return new Reflector(resource, options);
}

class Reflector<T extends KubernetesObject> implements Informer<T> {
  readonly #resource: Resource<T>;
  readonly #options: InformerOptions;
  readonly #logger: Logger;
  readonly #objects = new Map<string, T>();
  readonly #texts = createSharedTexts();
  readonly #subscribers = new Set<(change: InformerChange<T>) => void>();
  readonly #firstList = Promise.withResolvers<undefined>();
  readonly synced: Promise<void> = this.#firstList.promise;
  #listed: readonly T[] | undefined;
  /** Where the next watch starts; undefined asks for a new list. */
  #resourceVersion: string | undefined;
  #failures = 0;
  #started = false;
  #hasSynced = false;

  constructor(resource: Resource<T>, options: InformerOptions) {
    this.#resource = resource;
    this.#options = options;
    this.#logger = options.logger.child({ informer: resource.plural });
  }

  start(signal: AbortSignal): void {
    if (this.#started) return;
    this.#started = true;
    void this.#follow(signal);
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): readonly T[] {
    this.#listed ??= [...this.#objects.values()];
    return this.#listed;
  }

  subscribe(changed: (change: InformerChange<T>) => void): () => void {
    this.#subscribers.add(changed);
    return () => this.#subscribers.delete(changed);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#options.clock.monotonicMs();
      try {
        this.#resourceVersion ??= await this.#relist(signal);
        await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        if (isAborted(signal)) return;
        this.#note(error);
      }
      const livedMs = this.#options.clock.monotonicMs() - startedMs;
      this.#failures = livedMs >= healthyWatchMs ? 1 : this.#failures + 1;
      if (!(await pause(this.#options.clock, this.#pauseMs(), signal))) return;
    }
  }

  #pauseMs(): number {
    return backoffMs(backoff, this.#failures, this.#options.random);
  }

  #note(error: unknown): void {
    // Without an answer the place in history still holds; after a refusal only a new list helps.
    if (!isApiError(error, 'ServiceUnavailable', 'TooManyRequests')) this.#resourceVersion = undefined;
    const fields = { reason: describeError(error), failures: this.#failures };
    const message = 'following the API failed, trying again';
    // History that is gone is normal after a long absence, as is a kind that a new cluster has not defined yet; and
    // one line tells an outage.
    const isUsual = isApiError(error, 'Expired') || (!this.#hasSynced && isApiError(error, 'NotFound'));
    if (isUsual || this.#failures > 0) this.#logger.debug(fields, message);
    else this.#logger.warn(fields, message);
  }

  async #relist(signal: AbortSignal): Promise<string> {
    const { clusterApi, scope } = this.#options;
    // The first list may be old, so that a member without quorum still knows what it knew; later ones may not
    // go back behind what was seen.
    const version = this.#hasSynced ? {} : { resourceVersion: '0' };
    const { items, resourceVersion } = await clusterApi.list(
      this.#resource,
      { ...scope, ...version },
      signal,
    );
    const gone = new Set(this.#objects.keys());
    for (const item of items) {
      gone.delete(keyOf(item));
      this.#put(item);
    }
    for (const key of gone) this.#remove(key);
    this.#hasSynced = true;
    this.#firstList.resolve(undefined);
    return resourceVersion;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { clock, clusterApi, scope } = this.#options;
    const ended = new AbortController();
    const cancel = clock.after(relistMs, () => {
      this.#resourceVersion = undefined;
      ended.abort();
    });
    const either = AbortSignal.any([signal, ended.signal]);
    try {
      for await (const event of clusterApi.watch(this.#resource, { ...scope, resourceVersion }, either)) {
        this.#apply(event);
      }
    } finally {
      cancel();
    }
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    if (event.type === 'DELETED') this.#remove(keyOf(event.object), event.object);
    else this.#put(event.object);
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  #put(received: T): void {
    const after = withoutOwners(received);
    const key = keyOf(after);
    const before = this.#objects.get(key);
    if (before !== undefined && isSame(before, after)) return;
    this.#shareTexts(after);
    this.#objects.set(key, after);
    this.#tell(before === undefined ? { key, after } : { key, before, after });
  }

  /** Of metadata, most texts are the object's alone. */
  #shareTexts({ metadata: _own, ...content }: T): void {
    this.#texts.share(content);
  }

  #remove(key: string, last = this.#objects.get(key)): void {
    this.#objects.delete(key);
    if (last !== undefined) this.#tell({ key, before: last });
  }

  #tell(change: InformerChange<T>): void {
    this.#listed = undefined;
    for (const changed of this.#subscribers) changed(change);
  }
}

function isSame(before: KubernetesObject, after: KubernetesObject): boolean {
  const { resourceVersion } = after.metadata;
  if (resourceVersion === undefined) return isDeepStrictEqual(before, after);
  return resourceVersion === before.metadata.resourceVersion && before.metadata.uid === after.metadata.uid;
}
