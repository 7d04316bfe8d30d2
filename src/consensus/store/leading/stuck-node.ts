import type { Clock } from '../../../base/clock.ts';

export interface NodeSight {
  /** The leader that the local node names. */
  readonly leaderId: string | undefined;
  /** This member follows a leader by its own connection. */
  readonly isFollowing: boolean;
  /** The node says that it leads, and cannot be written to. */
  readonly hasFailed: boolean;
}

// Longer than any election, and than a slow disk takes to write the next term.
const failingLimitMs = 10_000;
const deafLimitMs = 15_000;

/**
 * Tells when a node will not come back by itself. libraft stops for good after a failed write, as on a full
 * disk, and answers on as if it only waited for a leader; a leader may be left with a lock that nobody holds.
 */
export class StuckNode {
  readonly #clock: Clock;
  #hasHeardLeader = false;
  #failingSinceMs: number | undefined;
  #deafSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers why the node has to be started anew; undefined when it need not. */
  look({ leaderId, isFollowing, hasFailed }: NodeSight): string | undefined {
    if (leaderId !== undefined) this.#hasHeardLeader = true;
    // A spare hears of no leader at any time.
    const isDeaf = leaderId === undefined && isFollowing && this.#hasHeardLeader;
    const nowMs = this.#clock.monotonicMs();
    this.#failingSinceMs = hasFailed ? (this.#failingSinceMs ?? nowMs) : undefined;
    this.#deafSinceMs = isDeaf ? (this.#deafSinceMs ?? nowMs) : undefined;
    if (nowMs - (this.#failingSinceMs ?? nowMs) >= failingLimitMs) {
      return this.#tell('it says that it leads, and takes no write');
    }
    if (nowMs - (this.#deafSinceMs ?? nowMs) >= deafLimitMs) {
      return this.#tell('it hears of no leader, while this member follows one');
    }
    return undefined;
  }

  #tell(why: string): string {
    this.#hasHeardLeader = false;
    this.#failingSinceMs = undefined;
    this.#deafSinceMs = undefined;
    return why;
  }
}
