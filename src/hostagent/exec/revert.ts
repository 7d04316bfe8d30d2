/** Undo functions of a step that needs several commands. Run them in reverse on failure. */
export interface Revert {
  add(undo: () => Promise<void>): void;
}

/** Runs `work`; when it throws, undoes what it has added, newest first, and throws what it threw. */
export async function withRevert<T>(work: (revert: Revert) => Promise<T>): Promise<T> {
  const undos: (() => Promise<void>)[] = [];
  try {
    return await work({ add: (undo) => void undos.push(undo) });
  } catch (error) {
    // An undo that fails must not hide why it was needed: what it leaves is found again as a leftover.
    for (const undo of undos.toReversed()) await undo().catch(() => undefined);
    throw error;
  }
}
