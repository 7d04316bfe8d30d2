import type { Recorder, RecordedOperation } from '../history/recorder.ts';
import { checkEachKey, type Verdict } from '../linearizability/check.ts';
import { objectModel, type ObjectInput, type ObjectOutput } from '../linearizability/models/object.ts';
import type { Operation } from '../linearizability/operation.ts';
import { checkWatches } from '../watch/checks.ts';
import { isCovered, joinStreams, type EventLog } from '../watch/event-log.ts';
import type { Violation, WatchStream } from '../watch/stream.ts';
import { checkLists } from './check-lists.ts';
import { checkRealTime } from './check-real-time.ts';
import { checkTerms } from './check-terms.ts';
import { checkWrites, resolveUnknown } from './check-writes.ts';

/** Holds what the clients were told against everything that the store promises. */
export function judge(recorder: Recorder, streams: readonly WatchStream[]): readonly Violation[] {
  const log = joinStreams(streams);
  const { operations, lists } = recorder;
  return [
    ...checkCoverage(log),
    ...checkStrange(operations),
    ...checkLinearizable(resolveUnknown(operations, log)),
    ...checkRealTime(operations, lists),
    ...checkTerms(operations),
    ...checkWrites(operations, log),
    ...checkLists(lists, streams, log),
    ...checkWatches(streams, log),
  ];
}

/** Where no watcher looked nothing is proven: such a run counts as failed. */
function checkCoverage(log: EventLog): readonly Violation[] {
  if (isCovered(log, log.firstRevision, log.lastRevision)) return [];
  const gaps = log.gaps.map(([from, to]) => `${from} to ${to}`).join(', ');
  return [{ check: 'covered', what: `no watcher saw the revisions ${gaps}` }];
}

function checkStrange(operations: readonly RecordedOperation[]): readonly Violation[] {
  return operations.flatMap(({ outcome, member, key }) =>
    outcome.kind === 'strange'
      ? [{ check: 'promised', what: `${member} for ${key}: ${outcome.problem}` }]
      : [],
  );
}

function checkLinearizable(operations: readonly RecordedOperation[]): readonly Violation[] {
  return [...checkEachKey(objectModel, operations)].flatMap(([key, verdict]) =>
    verdict.kind === 'linearizable'
      ? []
      : [{ check: 'linearizable', what: `${key}: ${describeVerdict(verdict)}` }],
  );
}

function describeVerdict(verdict: Verdict<ObjectInput, ObjectOutput>): string {
  if (verdict.kind !== 'violation') return `undecided, the search was given up`;
  const accepted = verdict.accepted.slice(-6).map(describeOperation);
  const stuck = verdict.stuck.map(describeOperation);
  return ['after', ...accepted, 'none of these can come next:', ...stuck].join('\n    ');
}

export function describeOperation(operation: Operation<ObjectInput, ObjectOutput>): string {
  const { input, output, calledAt, returnedAt } = operation;
  const told = output === undefined ? 'unknown' : JSON.stringify(output);
  const where = 'member' in operation ? `${String(operation.member)} ` : '';
  return `[${calledAt}, ${returnedAt}] ${where}${JSON.stringify(input)} -> ${told}`;
}
