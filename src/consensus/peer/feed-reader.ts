import { ConsensusError } from '../consensus-error.ts';
import { RevisionFeed } from '../store/leading/revision-feed.ts';
import { History } from '../store/state/history.ts';
import { KeySpace } from '../store/state/key-space.ts';
import type { StoreState } from '../store/state/store-state.ts';
import type { Frame } from './frame.ts';
import { decodeEntries, decodeRevisions } from './messages.ts';

/** Applies what the leader pushes. Throws on a gap: the connection ends and the next one fills it. */
export class FeedReader {
  readonly #state: StoreState;
  /** What was applied, for the members that follow through this one. */
  readonly feed = new RevisionFeed();
  #snapshot: KeySpace | undefined;

  constructor(state: StoreState) {
    this.#state = state;
  }

  read({ header, payload }: Frame): void {
    switch (header['topic']) {
      case 'revisions':
        this.#readRevisions({ header, payload });
        break;
      case 'snapshot-start':
        this.#snapshot = new KeySpace();
        break;
      case 'snapshot-part':
        for (const entry of decodeEntries(header, payload)) this.#snapshot?.set(entry);
        break;
      case 'snapshot-end':
        this.#install(header['revision'] as number);
        break;
      case 'floor':
        this.#compact(header['compacted'] as number);
        this.feed.publish([], this.#state.compactedRevision);
        break;
      default:
      // A later release may push more; what is not understood here is not needed here.
    }
  }

  #readRevisions({ header, payload }: Frame): void {
    const { revision } = this.#state;
    const next = decodeRevisions(header, payload).filter((committed) => committed.revision > revision);
    const first = next[0];
    if (first !== undefined && first.revision !== revision + 1) {
      throw new ConsensusError('Closed', `following from revision ${revision} to ${first.revision}: a gap`);
    }
    this.#state.apply(next);
    const compacted = header['compacted'] as number | undefined;
    if (compacted !== undefined) this.#compact(compacted);
    this.feed.publish(next, this.#state.compactedRevision);
  }

  #install(revision: number): void {
    if (this.#snapshot === undefined) return;
    this.#state.install({ revision, keys: this.#snapshot, history: new History(revision) });
    this.#snapshot = undefined;
  }

  #compact(revision: number): void {
    if (revision > this.#state.compactedRevision)
      this.#state.compact(Math.min(revision, this.#state.revision));
  }
}
