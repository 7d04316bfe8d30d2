import { type ConsensusError } from '../../consensus/consensus-error.ts';
import type { Change, StoreReader, StoredEntry, WatchHandle } from '../../consensus/store/store.ts';

export interface PrefixFollower {
  /** The complete state: at the start, and again after this member missed changes. */
  reset(entries: readonly StoredEntry[]): void;
  change(changes: readonly Change[]): void;
}

/** Keeps a cache equal to everything below a prefix until the answer is called. */
export function followPrefix(store: StoreReader, prefix: string, follower: PrefixFollower): () => void {
  let handle: WatchHandle | undefined;
  let isStopped = false;
  const start = (): void => {
    const { entries, revision } = store.range(prefix);
    follower.reset(entries);
    handle = store.watch(
      prefix,
      revision,
      (_revision, changes) => {
        if (changes.length > 0) follower.change(changes);
      },
      restart,
    );
  };
  const restart = (error: ConsensusError): void => {
    if (error.code === 'Compacted' && !isStopped) start();
  };
  start();
  return () => {
    isStopped = true;
    handle?.close();
  };
}
