import type { EventLog, LoggedChange } from './event-log.ts';
import { isCovered } from './event-log.ts';
import {
  isSelected,
  lastRevisionOf,
  nameStream,
  revisionOf,
  type StreamItem,
  type Violation,
  type WatchStream,
} from './stream.ts';

type Change = Extract<StreamItem, { readonly kind: 'change' }>;

/** Every promise of a watch, checked on every stream. */
export function checkWatches(streams: readonly WatchStream[], log: EventLog): readonly Violation[] {
  return [
    ...log.violations,
    ...streams.flatMap((stream) => [
      ...checkOrdered(stream),
      ...checkUnique(stream),
      ...checkBookmarkable(stream),
      ...checkAtomic(stream, log),
      ...checkReliable(stream, log),
      ...checkPrevious(stream, log),
    ]),
    ...checkResumable(streams, log),
  ];
}

/** Revisions never go back. */
export function checkOrdered(stream: WatchStream): readonly Violation[] {
  return pairs(changesOf(stream))
    .filter(([earlier, later]) => later.object.revision < earlier.object.revision)
    .map(([earlier, later]) =>
      violation('ordered', stream, `${later.object.revision} after ${earlier.object.revision}`),
    );
}

/** No change comes twice. */
export function checkUnique(stream: WatchStream): readonly Violation[] {
  const seen = new Set<string>();
  return changesOf(stream).flatMap(({ object: { revision, key } }) => {
    const place = `revision ${revision} of ${key}`;
    if (seen.has(place)) return [violation('unique', stream, `${place} twice`)];
    seen.add(place);
    return [];
  });
}

/** After a bookmark, and after the revision of the start, only newer changes come. */
export function checkBookmarkable(stream: WatchStream): readonly Violation[] {
  const violations: Violation[] = [];
  let bookmark = stream.startRevision;
  for (const item of stream.items) {
    const revision = revisionOf(item);
    if (item.kind === 'change' && revision <= bookmark) {
      violations.push(violation('bookmarkable', stream, `${revision} after the bookmark ${bookmark}`));
    }
    if (item.kind !== 'bookmark') continue;
    if (revision < bookmark) {
      violations.push(violation('bookmarkable', stream, `bookmark ${revision} after ${bookmark}`));
    }
    bookmark = Math.max(bookmark, revision);
  }
  return violations;
}

/** Changes of one revision come together: nothing of it is missing, and no bookmark or other revision between them. */
export function checkAtomic(stream: WatchStream, log: EventLog): readonly Violation[] {
  const violations: Violation[] = [];
  const counts = new Map<number, number>();
  for (const { object } of changesOf(stream))
    counts.set(object.revision, (counts.get(object.revision) ?? 0) + 1);
  for (const [revision, logged] of Map.groupBy(log.changes, (change) => change.revision)) {
    const count = counts.get(revision);
    if (logged.length < 2 || count === undefined) continue;
    const wanted = logged.filter((change) => concerns(stream, change)).length;
    const indexes = stream.items.flatMap((item, index) =>
      revisionOf(item) === revision && item.kind === 'change' ? [index] : [],
    );
    const isTogether = (indexes.at(-1) ?? 0) - (indexes[0] ?? 0) === indexes.length - 1;
    if (count !== wanted || !isTogether) {
      violations.push(
        violation('atomic', stream, `${count} of ${wanted} changes of revision ${revision} together`),
      );
    }
  }
  return violations;
}

/** Between the start and the last revision that the stream spoke of, every change is there and no other. */
export function checkReliable(stream: WatchStream, log: EventLog): readonly Violation[] {
  const last = lastRevisionOf(stream);
  // Whether a change leaves the view of a selector depends on what was before, as far back as that goes.
  const from = stream.selector === undefined ? stream.startRevision : log.firstRevision;
  if (!isCovered(log, from, last)) return [];
  const place = (revision: number, key: string): string => `${revision} of ${key}`;
  const got = new Set(changesOf(stream).map(({ object }) => place(object.revision, object.key)));
  const wanted = new Set(
    log.changes
      .filter(({ revision }) => revision > stream.startRevision && revision <= last)
      .filter((change) => concerns(stream, change))
      .map(({ revision, key }) => place(revision, key)),
  );
  const missing = [...wanted].filter((one) => !got.has(one));
  const strange = [...got].filter((one) => !wanted.has(one));
  return [
    ...missing.map((one) => violation('reliable', stream, `revision ${one} is missing`)),
    ...strange.map((one) => violation('reliable', stream, `revision ${one} is not its own`)),
  ];
}

/** The type of a change fits what the watcher could see before, and a deletion carries what was deleted. */
export function checkPrevious(stream: WatchStream, log: EventLog): readonly Violation[] {
  const logged = new Map(log.changes.map((change) => [`${change.revision} ${change.key}`, change]));
  return changesOf(stream).flatMap(({ type, object }) => {
    const change = logged.get(`${object.revision} ${object.key}`);
    if (change === undefined || !isCovered(log, log.firstRevision, object.revision)) return [];
    const wanted = expectedType(stream, change);
    const place = `revision ${object.revision} of ${object.key}`;
    if (type !== wanted) return [violation('previous', stream, `${place} is ${type}, not ${wanted}`)];
    const id = type === 'DELETED' ? change.before?.id : change.after?.id;
    return id === object.id
      ? []
      : [violation('previous', stream, `${place} shows "${object.id}", not "${id ?? ''}"`)];
  });
}

/** A stream that goes on from where the one before stopped begins with the very next change. */
export function checkResumable(streams: readonly WatchStream[], log: EventLog): readonly Violation[] {
  return streams.flatMap((stream) => {
    const [first] = changesOf(stream);
    if (stream.initial !== undefined || first === undefined) return [];
    if (!isCovered(log, stream.startRevision, first.object.revision)) return [];
    const next = log.changes.find(
      (change) => change.revision > stream.startRevision && concerns(stream, change),
    );
    if (next === undefined || next.revision === first.object.revision) return [];
    return [
      violation('resumable', stream, `begins with ${first.object.revision}, not with ${next.revision}`),
    ];
  });
}

function expectedType({ selector }: WatchStream, { before, after }: LoggedChange): Change['type'] {
  if (!isSelected(selector, after)) return 'DELETED';
  return isSelected(selector, before) ? 'MODIFIED' : 'ADDED';
}

function concerns({ selector }: WatchStream, { before, after }: LoggedChange): boolean {
  // What was there before may lie in a gap; a stream that selects nothing is told of everything all the same.
  if (selector === undefined) return true;
  return isSelected(selector, before) || isSelected(selector, after);
}

function changesOf({ items }: WatchStream): readonly Change[] {
  return items.filter((item) => item.kind === 'change');
}

function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  return items.slice(1).map((later, index) => [items[index] as T, later] as const);
}

function violation(check: string, stream: WatchStream, what: string): Violation {
  return { check, what: `${nameStream(stream)}: ${what}` };
}
