import type { DiskLevel } from '../../space/disk-level.ts';
import type { CommittedRevision } from '../state/store-state.ts';

export interface FeedSubscriber {
  /** Gets what was committed, in order, and the compaction floor. Must not block. */
  readonly publish: (batch: readonly CommittedRevision[], compactedRevision: number) => void;
  /** The term is over: nothing more will come. */
  readonly ended: () => void;
  /** The term is about to end, and this member is asked to lead next. */
  readonly successor?: (member: string) => void;
  /** What the disks of the cluster have room for: the next leader begins with that. */
  readonly space?: (level: DiskLevel) => void;
}

/** What the sequencer of one term committed, for the members that follow it. */
export class RevisionFeed {
  readonly #subscribers = new Set<FeedSubscriber>();
  #hasEnded = false;
  #space: DiskLevel | undefined;

  subscribe(subscriber: FeedSubscriber): () => void {
    if (this.#hasEnded) subscriber.ended();
    this.#subscribers.add(subscriber);
    if (this.#space !== undefined) subscriber.space?.(this.#space);
    return () => this.#subscribers.delete(subscriber);
  }

  publish(batch: readonly CommittedRevision[], compactedRevision: number): void {
    for (const subscriber of [...this.#subscribers]) subscriber.publish(batch, compactedRevision);
  }

  announceSuccessor(member: string): void {
    for (const subscriber of [...this.#subscribers]) subscriber.successor?.(member);
  }

  announceSpace(level: DiskLevel): void {
    if (level === this.#space) return;
    this.#space = level;
    for (const subscriber of [...this.#subscribers]) subscriber.space?.(level);
  }

  end(): void {
    this.#hasEnded = true;
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) subscriber.ended();
  }
}
