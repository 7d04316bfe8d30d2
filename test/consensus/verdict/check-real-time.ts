import type { RecordedList, RecordedOperation } from '../history/recorder.ts';
import type { Violation } from '../watch/stream.ts';

interface Sighting {
  readonly calledAt: number;
  readonly returnedAt: number;
  readonly revision: number;
  /** A write has a revision above everything that was known before; a list may have the same. */
  readonly isNew: boolean;
  readonly name: string;
}

/**
 * Revisions are the store's own clock, over all objects: whoever begins after something was answered gets a newer
 * revision by writing, and not an older one by listing.
 */
export function checkRealTime(
  operations: readonly RecordedOperation[],
  lists: readonly RecordedList[],
): readonly Violation[] {
  const sightings = [...operations.flatMap(fromOperation), ...lists.flatMap(fromList)];
  const byCall = sightings.toSorted((a, b) => a.calledAt - b.calledAt);
  const byReturn = sightings.toSorted((a, b) => a.returnedAt - b.returnedAt);
  const violations: Violation[] = [];
  let newest: Sighting | undefined;
  let returned = 0;
  for (const sighting of byCall) {
    for (; (byReturn[returned]?.returnedAt ?? Infinity) < sighting.calledAt; returned += 1) {
      const done = byReturn[returned];
      if (done !== undefined && done.revision > (newest?.revision ?? 0)) newest = done;
    }
    const known = newest?.revision ?? 0;
    if (sighting.revision > known || (!sighting.isNew && sighting.revision === known)) continue;
    const what = `${sighting.name} has revision ${sighting.revision} after ${newest?.name ?? ''} had ${known}`;
    violations.push({ check: 'real time', what });
  }
  return violations;
}

function fromOperation({ output, input, key, member, ...times }: RecordedOperation): readonly Sighting[] {
  if (output?.kind !== 'written' || output.revision === undefined) return [];
  return [{ ...times, revision: output.revision, isNew: true, name: `${input.kind} of ${key} by ${member}` }];
}

function fromList({ isCurrent, revision, member, ...times }: RecordedList): readonly Sighting[] {
  return isCurrent ? [{ ...times, revision, isNew: false, name: `a list by ${member}` }] : [];
}
