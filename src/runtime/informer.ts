import type { KubernetesObject } from '../api/meta.ts';

/** A local copy of one kind that follows the API. It may lag; it never goes back. */
export interface Informer<T extends KubernetesObject> {
  /** Lists, then watches, and starts over by itself after any error until the signal aborts. */
  start(signal: AbortSignal): void;
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
  /** `namespace/name` or `name`. Callers must not change what they get. */
  get(key: string): T | undefined;
  list(): readonly T[];
  /** Calls back with the old and the new object; one of them is absent on create and delete. */
  subscribe(changed: (change: InformerChange<T>) => void): () => void;
}

export interface InformerChange<T> {
  readonly key: string;
  readonly before?: T;
  readonly after?: T;
}
