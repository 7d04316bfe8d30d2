/** The part of an object that the workloads write and the checks compare. */
export interface ObservedObject {
  readonly key: string;
  /** Names the content: no two writes have the same. */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly revision: number;
}

export type StreamItem =
  | {
      readonly kind: 'change';
      readonly type: 'ADDED' | 'DELETED' | 'MODIFIED';
      /** Of a deletion: the last content, at the revision of the deletion. */
      readonly object: ObservedObject;
    }
  | { readonly kind: 'bookmark'; readonly revision: number };

export interface Selector {
  readonly label: string;
  readonly value: string;
}

/** One response to a watch request, from its start to its end, whatever ended it. */
export interface WatchStream {
  /** Streams of one watcher follow one another: each starts where the one before stopped, or at a new list. */
  readonly watcher: string;
  readonly member: string;
  readonly selector: Selector | undefined;
  /** Changes after this revision were asked for. */
  readonly startRevision: number;
  /** What there was at `startRevision`, when the watcher listed before; a resumed stream has none. */
  readonly initial: readonly ObservedObject[] | undefined;
  readonly items: readonly StreamItem[];
}

export interface Violation {
  readonly check: string;
  readonly what: string;
}

export function revisionOf(item: StreamItem): number {
  return item.kind === 'change' ? item.object.revision : item.revision;
}

/** The revision up to which the stream claims to be complete. */
export function lastRevisionOf({ startRevision, items }: WatchStream): number {
  return items.reduce((last, item) => Math.max(last, revisionOf(item)), startRevision);
}

export function isSelected(selector: Selector | undefined, object: ObservedObject | undefined): boolean {
  if (object === undefined) return false;
  return selector === undefined || object.labels[selector.label] === selector.value;
}

export function nameStream({ watcher, member, startRevision }: WatchStream): string {
  return `watcher ${watcher} on ${member} from revision ${startRevision}`;
}
