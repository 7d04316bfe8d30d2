import type { RecordedList } from '../history/recorder.ts';
import { isCovered, type EventLog } from '../watch/event-log.ts';
import {
  isSelected,
  nameStream,
  type ObservedObject,
  type Violation,
  type WatchStream,
} from '../watch/stream.ts';

interface Snapshot {
  readonly name: string;
  readonly revision: number;
  readonly objects: readonly ObservedObject[];
  readonly isShown: (object: ObservedObject) => boolean;
}

/** A list, stale or not, in pages or not, is the state at its revision: nothing of it older and nothing newer. */
export function checkLists(
  lists: readonly RecordedList[],
  streams: readonly WatchStream[],
  log: EventLog,
): readonly Violation[] {
  const snapshots = [...lists.map(fromList), ...streams.flatMap(fromStream)]
    .filter(({ revision }) => isCovered(log, log.firstRevision, revision))
    .toSorted((a, b) => a.revision - b.revision);
  // One walk over the log serves all of them.
  const state = new Map(log.first);
  let reached = 0;
  return snapshots.flatMap((snapshot) => {
    for (; (log.changes[reached]?.revision ?? Infinity) <= snapshot.revision; reached += 1) {
      const { key, after } = log.changes[reached] as EventLog['changes'][number]; // the condition has looked at it
      if (after === undefined) state.delete(key);
      else state.set(key, after);
    }
    return compare(snapshot, [...state.values()].filter(snapshot.isShown));
  });
}

function fromList({ labels, revision, objects, member, isCurrent }: RecordedList): Snapshot {
  const isShown = (object: ObservedObject): boolean =>
    Object.entries(labels).every(([label, value]) => object.labels[label] === value);
  return { name: `a ${isCurrent ? '' : 'stale '}list by ${member}`, revision, objects, isShown };
}

function fromStream(stream: WatchStream): readonly Snapshot[] {
  const { initial, selector, startRevision } = stream;
  if (initial === undefined) return [];
  const isShown = (object: ObservedObject): boolean => isSelected(selector, object);
  return [{ name: `the start of ${nameStream(stream)}`, revision: startRevision, objects: initial, isShown }];
}

function compare(
  { name, revision, objects }: Snapshot,
  wanted: readonly ObservedObject[],
): readonly Violation[] {
  const describe = (object: ObservedObject): string => `${object.key}="${object.id}" at ${object.revision}`;
  const got = new Set(objects.map(describe));
  const want = new Set(wanted.map(describe));
  const missing = [...want].filter((one) => !got.has(one));
  const strange = [...got].filter((one) => !want.has(one));
  if (missing.length + strange.length === 0) return [];
  const what = `${name} at revision ${revision} lacks [${missing.join(', ')}] and has [${strange.join(', ')}]`;
  return [{ check: 'snapshot', what }];
}
