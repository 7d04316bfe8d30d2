/** Undo functions of a step that needs several commands. Run them in reverse on failure. */
export interface Revert {
  add(undo: () => Promise<void>): void;
}

/**
 * Runs `work`; when it throws, undoes what it has added, newest first, and throws what it threw. An undo that
 * fails itself does not hide the first failure: both end up in an AggregateError's place as `cause` text.
 */
export async function withRevert<T>(work: (revert: Revert) => Promise<T>): Promise<T> {
  const undos: (() => Promise<void>)[] = [];
  try {
    return await work({ add: (undo) => void undos.push(undo) });
  } catch (error) {
    const failures: unknown[] = [];
    for (const undo of undos.toReversed()) await undo().catch((failure: unknown) => failures.push(failure));
    if (failures.length === 0) throw error;
    throw new AggregateError([error, ...failures], describe(error), { cause: error });
  }
}

function describe(error: unknown): string {
  return `${error instanceof Error ? error.message : String(error)} (and undoing it failed)`;
}
