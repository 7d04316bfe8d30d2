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

function checkWrite(
  { input, output, outcome, key, member }: RecordedOperation,
  changes: ChangesById,
  log: EventLog,
): readonly Violation[] {
  if (!('id' in input)) return [];
  const found = changes.get(input.id) ?? [];
  const name = `${input.kind} of "${input.id}" to ${key} by ${member}`;
  const [first, second] = found;
  if (second !== undefined) {
    const at = found.map(({ revision }) => revision).join(' and ');
    return [{ check: 'once', what: `${name} was done at ${at}` }];
  }
  if (outcome.kind === 'refused' && first !== undefined) {
    const what = `${name} was refused (${outcome.problem}), and done at ${first.revision}`;
    return [{ check: 'refused', what }];
  }
  if (output?.kind !== 'written') {
    if (output === undefined || first === undefined) return [];
    return [
      { check: 'refused', what: `${name} was answered with ${output.kind}, and done at ${first.revision}` },
    ];
  }
  const { revision = 0 } = output;
  if (first?.revision === revision && first.key === key) return [];
  if (first === undefined && !isCovered(log, revision - 1, revision)) return [];
  const where = first === undefined ? 'nowhere' : `at ${first.revision} in ${first.key}`;
  return [{ check: 'lost', what: `${name} was acknowledged at ${revision}, and is ${where}` }];
}

function groupById(log: EventLog): ChangesById {
  const written = log.changes.filter(({ after }) => after !== undefined);
  return Map.groupBy(written, ({ after }) => after?.id ?? '');
}
