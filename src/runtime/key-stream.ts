import { buffer, exhaustMap, filter, from, merge, mergeMap, Observable, share } from 'rxjs';
import type { KubernetesObject } from '../api/meta.ts';
import { keyOf } from '../api/resource.ts';
import type { Clock } from '../base/clock.ts';
import { inStep } from '../base/in-step.ts';
import type { ChangeSource } from './follow-changes.ts';
import type { Informer, InformerChange } from './informer.ts';
import type { WorkQueue } from './work-queue.ts';

/** A source of work-queue keys. Events end here: what follows sees only keys. */
export interface KeyStream {
  /** Adds keys to the queue until the signal aborts. */
  feed(queue: Pick<WorkQueue, 'add'>, signal: AbortSignal): void;
}

/** The keys of the informer's own objects: all that it holds at the start, then each that changes, if that matters. */
export function ownKeys<T extends KubernetesObject>(
  informer: Informer<T>,
  matters: (change: InformerChange<T>) => boolean = () => true,
): KeyStream {
  return streamOf(
    new Observable<string>((observer) => {
      const unsubscribe = informer.subscribe((change) => {
        if (matters(change)) observer.next(change.key);
      });
      for (const object of informer.list()) observer.next(keyOf(object));
      return unsubscribe;
    }),
  );
}

/**
 * The keys that a change of another kind concerns. `quietMs` merges a burst: the keys of one window come at
 * its end, each once, however many changes named it.
 */
export function relatedKeys<T extends KubernetesObject>(
  informer: Informer<T>,
  toKeys: (change: InformerChange<T>) => Iterable<string>,
  window?: { readonly quietMs: number; readonly clock: Clock },
): KeyStream {
  const changes = new Observable<InformerChange<T>>((observer) =>
    informer.subscribe((change) => {
      observer.next(change);
    }),
  );
  const keys = changes.pipe(mergeMap((change) => from([...toKeys(change)])));
  return streamOf(window === undefined ? keys : inWindows(keys, window.quietMs, window.clock));
}

/**
 * Keys that are looked for once for each burst of changes, at its end: for what any such change may concern, among
 * thousands.
 */
export function burstKeys<T extends KubernetesObject>(
  informer: Informer<T>,
  matters: (change: InformerChange<T>) => boolean,
  toKeys: () => Iterable<string>,
  { quietMs, clock }: { readonly quietMs: number; readonly clock: Clock },
): KeyStream {
  const marks = new Observable<string>((observer) =>
    informer.subscribe((change) => {
      if (matters(change)) observer.next('');
    }),
  );
  return streamOf(inWindows(marks, quietMs, clock).pipe(mergeMap(() => from([...toKeys()]))));
}

/** The same keys again and again, for what nothing announces. */
export function periodicKeys(
  toKeys: () => Iterable<string>,
  everyMs: number | (() => number),
  clock: Clock,
): KeyStream {
  const nextMs = (): number => inStep(clock, typeof everyMs === 'number' ? everyMs : everyMs());
  return streamOf(
    new Observable<string>((observer) => {
      const again = (): (() => void) =>
        clock.after(nextMs(), () => {
          for (const key of toKeys()) observer.next(key);
          if (!observer.closed) cancel = again();
        });
      let cancel = again();
      return () => {
        cancel();
      };
    }),
  );
}

/** The keys that any word of a source without objects of its own concerns. */
export function notifiedKeys(source: ChangeSource, toKeys: () => Iterable<string>): KeyStream {
  return streamOf(
    new Observable<string>((observer) =>
      source.subscribe(() => {
        for (const key of toKeys()) observer.next(key);
      }),
    ),
  );
}

export function mergeKeys(...streams: readonly KeyStream[]): KeyStream {
  return streamOf(merge(...streams.map(toObservable)));
}

function inWindows(keys: Observable<string>, quietMs: number, clock: Clock): Observable<string> {
  const shared = keys.pipe(share());
  const ends = shared.pipe(exhaustMap(() => afterQuiet(clock, quietMs)));
  return shared.pipe(
    buffer(ends),
    filter((burst) => burst.length > 0),
    mergeMap((burst) => from(new Set(burst))),
  );
}

function afterQuiet(clock: Clock, ms: number): Observable<undefined> {
  return new Observable((observer) =>
    clock.after(ms, () => {
      observer.next(undefined);
      observer.complete();
    }),
  );
}

class ObservableKeys implements KeyStream {
  readonly keys: Observable<string>;

  constructor(keys: Observable<string>) {
    this.keys = keys;
  }

  feed(queue: Pick<WorkQueue, 'add'>, signal: AbortSignal): void {
    if (signal.aborted) return;
    const subscription = this.keys.subscribe((key) => {
      queue.add(key);
    });
    signal.addEventListener(
      'abort',
      () => {
        subscription.unsubscribe();
      },
      { once: true },
    );
  }
}

function streamOf(keys: Observable<string>): KeyStream {
  return new ObservableKeys(keys);
}

function toObservable(stream: KeyStream): Observable<string> {
  if (stream instanceof ObservableKeys) return stream.keys;
  return new Observable((observer) => {
    const ended = new AbortController();
    stream.feed({ add: (key) => observer.next(key) }, ended.signal);
    return () => {
      ended.abort();
    };
  });
}
