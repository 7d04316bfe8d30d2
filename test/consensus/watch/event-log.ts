import {
  lastRevisionOf,
  nameStream,
  revisionOf,
  type ObservedObject,
  type Violation,
  type WatchStream,
} from './stream.ts';

/** One change of one object, with what it was before. */
export interface LoggedChange {
  readonly revision: number;
  readonly key: string;
  readonly before: ObservedObject | undefined;
  readonly after: ObservedObject | undefined;
}

/** What happened, as all watchers together saw it. */
export interface EventLog {
  /** In the order of revisions. */
  readonly changes: readonly LoggedChange[];
  readonly first: ReadonlyMap<string, ObservedObject>;
  readonly firstRevision: number;
  readonly lastRevision: number;
  /** Between these no watcher saw everything: nothing can be said about them. */
  readonly gaps: readonly (readonly [number, number])[];
  /** Where two watchers were told different things. */
  readonly violations: readonly Violation[];
}

interface SeenChange {
  readonly object: ObservedObject;
  readonly isDeletion: boolean;
  readonly stream: WatchStream;
}

/** Joins the streams that select nothing; those with a selector are judged by the result. */
export function joinStreams(streams: readonly WatchStream[]): EventLog {
  const whole = streams.filter(({ selector }) => selector === undefined);
  const start = chooseStart(whole);
  const firstRevision = start?.startRevision ?? 0;
  const first = new Map((start?.initial ?? []).map((object) => [object.key, object]));
  const { seen, violations } = collect(whole, firstRevision);
  const { gaps, lastRevision } = findGaps(whole, firstRevision);
  return { changes: replay(first, seen), first, firstRevision, lastRevision, gaps, violations };
}

/**
 * The earliest list from which some stream goes on. One that was cut off before anything happened shows nothing; the
 * clients begin only when every watcher has its list.
 */
function chooseStart(streams: readonly WatchStream[]): WatchStream | undefined {
  const lists = streams
    .filter(({ initial }) => initial !== undefined)
    .toSorted((a, b) => a.startRevision - b.startRevision);
  const isFollowed = ({ startRevision }: WatchStream): boolean =>
    streams.some((one) => one.startRevision <= startRevision && lastRevisionOf(one) > startRevision);
  return lists.find(isFollowed) ?? lists[0];
}

export function isCovered(log: EventLog, from: number, to: number): boolean {
  if (from < log.firstRevision || to > log.lastRevision) return false;
  return !log.gaps.some(([start, end]) => start < to && from < end);
}

function collect(
  streams: readonly WatchStream[],
  firstRevision: number,
): { readonly seen: ReadonlyMap<string, SeenChange>; readonly violations: readonly Violation[] } {
  const seen = new Map<string, SeenChange>();
  const violations: Violation[] = [];
  for (const stream of streams) {
    for (const item of stream.items) {
      if (item.kind === 'bookmark' || revisionOf(item) <= firstRevision) continue;
      const { object } = item;
      const place = `${object.revision} ${object.key}`;
      const change: SeenChange = { object, isDeletion: item.type === 'DELETED', stream };
      const other = seen.get(place);
      if (other === undefined) seen.set(place, change);
      else if (other.object.id !== object.id || other.isDeletion !== change.isDeletion) {
        const what = `revision ${object.revision} of ${object.key} is ${tell(other)} and ${tell(change)}`;
        violations.push({ check: 'agreed', what });
      }
    }
  }
  return { seen, violations };
}

function tell({ object, isDeletion, stream }: SeenChange): string {
  return `${isDeletion ? 'the deletion of ' : ''}"${object.id}" for ${nameStream(stream)}`;
}

function replay(
  first: ReadonlyMap<string, ObservedObject>,
  seen: ReadonlyMap<string, SeenChange>,
): readonly LoggedChange[] {
  const state = new Map(first);
  const ordered = [...seen.values()].toSorted((a, b) => a.object.revision - b.object.revision);
  return ordered.map(({ object, isDeletion }) => {
    const { key, revision } = object;
    const before = state.get(key);
    if (isDeletion) state.delete(key);
    else state.set(key, object);
    return { revision, key, before, after: isDeletion ? undefined : object };
  });
}

function findGaps(
  streams: readonly WatchStream[],
  firstRevision: number,
): Pick<EventLog, 'gaps' | 'lastRevision'> {
  const spans = streams
    .map((stream) => [stream.startRevision, lastRevisionOf(stream)] as const)
    .toSorted(([a], [b]) => a - b);
  const gaps: [number, number][] = [];
  let reached = firstRevision;
  for (const [start, end] of spans) {
    if (start > reached) gaps.push([reached, start]);
    reached = Math.max(reached, end);
  }
  return { gaps, lastRevision: reached };
}
