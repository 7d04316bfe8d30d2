import { ConsensusError } from '../../consensus-error.ts';
import type { RevisionRecord } from './history.ts';
import type { Change, WatchCallback, WatchEnd, WatchHandle } from '../store.ts';

interface Watcher {
  readonly prefix: string;
  readonly deliver: WatchCallback;
  readonly ended: WatchEnd;
  /** Changes at or below this revision are not for this watcher. */
  readonly fromRevision: number;
  isOpen: boolean;
}

/**
 * Hands committed revisions to the watchers. Watchers of one prefix share the filtering: many clients
 * watch the same kind, and most batches touch few kinds.
 */
export class WatchRegistry {
  readonly #byPrefix = new Map<string, Set<Watcher>>();

  get size(): number {
    let size = 0;
    for (const group of this.#byPrefix.values()) size += group.size;
    return size;
  }

  /** Registers; the caller delivers what is already history with `catchUp`. */
  open(
    options: Pick<Watcher, 'deliver' | 'ended' | 'fromRevision' | 'prefix'>,
    missed: readonly RevisionRecord[],
    revision: number,
  ): WatchHandle {
    const watcher: Watcher = { ...options, isOpen: true };
    const group = this.#byPrefix.get(watcher.prefix) ?? new Set();
    this.#byPrefix.set(watcher.prefix, group.add(watcher));
    if (missed.length > 0) this.#deliver(watcher, select(watcher.prefix, missed), revision);
    return { close: () => this.#close(watcher) };
  }

  /** Delivers `records`, the newest of which has `revision`, to everybody. */
  publish(records: readonly RevisionRecord[], revision: number): void {
    // Copies, because a callback may open and close watches; one opened now has caught up by itself.
    for (const [prefix, group] of [...this.#byPrefix]) {
      const selected = select(prefix, records);
      for (const watcher of [...group]) this.#deliver(watcher, selected, revision);
    }
  }

  /** Ends the watches that began below this revision: their next one cannot be delivered any more. */
  endBelow(revision: number, error: ConsensusError): void {
    const watchers = [...this.#byPrefix.values()].flatMap((group) => [...group]);
    for (const watcher of watchers) {
      if (watcher.fromRevision >= revision) continue;
      this.#close(watcher);
      watcher.ended(error);
    }
  }

  #deliver(watcher: Watcher, selected: readonly Selection[], revision: number): void {
    try {
      let delivered = watcher.fromRevision;
      for (const { revision: at, changes } of selected) {
        if (!watcher.isOpen) return;
        if (at <= watcher.fromRevision) continue;
        watcher.deliver(at, changes);
        delivered = at;
      }
      if (delivered < revision && this.#isOpen(watcher)) watcher.deliver(revision, []);
    } catch (cause) {
      // A watcher that throws has lost its place; the others must still get theirs.
      this.#close(watcher);
      watcher.ended(new ConsensusError('Closed', 'delivering changes to a watcher', { cause }));
    }
  }

  // A callback may have closed the watch, which the compiler cannot see.
  #isOpen(watcher: Watcher): boolean {
    return watcher.isOpen;
  }

  #close(watcher: Watcher): void {
    watcher.isOpen = false;
    const group = this.#byPrefix.get(watcher.prefix);
    group?.delete(watcher);
    if (group?.size === 0) this.#byPrefix.delete(watcher.prefix);
  }
}

interface Selection {
  readonly revision: number;
  readonly changes: readonly Change[];
}

function select(prefix: string, records: readonly RevisionRecord[]): readonly Selection[] {
  const selected: Selection[] = [];
  for (const { revision, changes } of records) {
    const matching = changes.filter((change) => change.key.startsWith(prefix));
    if (matching.length > 0) selected.push({ revision, changes: matching });
  }
  return selected;
}
