import type { RecordedOperation } from '../history/recorder.ts';
import { isCovered, type EventLog, type LoggedChange } from '../watch/event-log.ts';
import type { Violation } from '../watch/stream.ts';

type ChangesById = ReadonlyMap<string, readonly LoggedChange[]>;

/** Nothing acknowledged is lost, nothing refused was done, nothing was done twice, and nothing came from nowhere. */
export function checkWrites(operations: readonly RecordedOperation[], log: EventLog): readonly Violation[] {
  const changes = groupById(log);
  const ids = new Set(operations.flatMap(({ input }) => ('id' in input ? [input.id] : [])));
  const strangers = [...changes.keys()].filter((id) => !ids.has(id));
  return [
    ...operations.flatMap((operation) => checkWrite(operation, changes, log)),
    ...strangers.map((id) => ({ check: 'written', what: `nobody wrote "${id}"` })),
  ];
}

/**
 * The watchers know of many a lost answer what became of it. Contents that never came up were never written, so the
 * search for an order need not consider them; of the others it learns the revision.
 */
export function resolveUnknown(
  operations: readonly RecordedOperation[],
  log: EventLog,
): readonly RecordedOperation[] {
  const changes = groupById(log);
  return operations.flatMap((operation) => {
    const { outcome, input } = operation;
    if (outcome.kind === 'known') return [operation];
    if (outcome.kind !== 'unknown' || input.kind === 'read') return [];
    if (input.kind === 'delete') return [operation];
    const revision = changes.get(input.id)?.[0]?.revision;
    if (revision === undefined) return log.gaps.length > 0 ? [operation] : [];
    return [
      { ...operation, output: { kind: 'written', revision } as const, returnedAt: Number.MAX_SAFE_INTEGER },
    ];
  });
}

function checkWrite(operation: RecordedOperation, changes: ChangesById, log: EventLog): readonly Violation[] {
  const { input } = operation;
  if (!('id' in input)) return [];
  const found = changes.get(input.id) ?? [];
  const name = `${input.kind} of "${input.id}" to ${operation.key} by ${operation.member}`;
  if (found.length <= 1) return checkOutcome(operation, name, found[0], log);
  const at = found.map(({ revision }) => revision).join(' and ');
  return [{ check: 'once', what: `${name} was done at ${at}` }];
}

function checkOutcome(
  { output, outcome, key }: RecordedOperation,
  name: string,
  done: LoggedChange | undefined,
  log: EventLog,
): readonly Violation[] {
  if (output?.kind === 'written') return checkAcknowledged(name, key, output.revision ?? 0, done, log);
  // An unknown outcome may be this one.
  if (done === undefined || outcome.kind === 'unknown') return [];
  const why = outcome.kind === 'known' ? outcome.output.kind : outcome.problem;
  return [{ check: 'refused', what: `${name} was refused (${why}), and done at ${done.revision}` }];
}

function checkAcknowledged(
  name: string,
  key: string,
  revision: number,
  done: LoggedChange | undefined,
  log: EventLog,
): readonly Violation[] {
  if (done?.revision === revision && done.key === key) return [];
  if (done === undefined && !isCovered(log, revision - 1, revision)) return [];
  const where = done === undefined ? 'nowhere' : `at ${done.revision} in ${done.key}`;
  return [{ check: 'lost', what: `${name} was acknowledged at ${revision}, and is ${where}` }];
}

function groupById(log: EventLog): ChangesById {
  const written = log.changes.filter(({ after }) => after !== undefined);
  return Map.groupBy(written, ({ after }) => after?.id ?? '');
}
