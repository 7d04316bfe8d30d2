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
  const byReturn = sightings.toSorted((a, b) => a.returnedAt - b.returnedAt);
  const violations: Violation[] = [];
  let newest: Sighting | undefined;
  let returned = 0;
  for (const sighting of sightings.toSorted((a, b) => a.calledAt - b.calledAt)) {
    // Everything that was answered before this one was asked.
    for (let done = byReturn[returned]; isBefore(done, sighting); done = byReturn[returned]) {
      if (newest === undefined || done.revision > newest.revision) newest = done;
      returned += 1;
    }
    if (newest === undefined || isLater(sighting, newest)) continue;
    const what = `${sighting.name} has revision ${sighting.revision} after ${newest.name} had ${newest.revision}`;
    violations.push({ check: 'real time', what });
  }
  return violations;
}

function isBefore(done: Sighting | undefined, { calledAt }: Sighting): done is Sighting {
  return done !== undefined && done.returnedAt < calledAt;
}

function isLater({ revision, isNew }: Sighting, known: Sighting): boolean {
  return isNew ? revision > known.revision : revision >= known.revision;
}

function fromOperation({ output, input, key, member, ...times }: RecordedOperation): readonly Sighting[] {
  if (output?.kind !== 'written' || output.revision === undefined) return [];
  return [{ ...times, revision: output.revision, isNew: true, name: `${input.kind} of ${key} by ${member}` }];
}

function fromList({ isCurrent, revision, member, ...times }: RecordedList): readonly Sighting[] {
  return isCurrent ? [{ ...times, revision, isNew: false, name: `a list by ${member}` }] : [];
}
