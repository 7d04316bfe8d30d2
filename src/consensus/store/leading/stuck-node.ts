import type { Clock } from '../../../base/clock.ts';

export interface NodeSight {
  /** The leader that the local node names. */
  readonly leaderId: string | undefined;
  /** This member follows a leader by its own connection. */
  readonly isFollowing: boolean;
  /** The node says that it leads, and cannot be written to. */
  readonly hasFailed: boolean;
  /** No byte can be relied on: the node may be unable to write. */
  readonly isDiskFull: boolean;
  /** Whether this member is meant to hold no replica; asked only when its node hears of no leader. */
  readonly isSpare: () => boolean;
}

/**
 * Tells when a node will not come back by itself. libraft stops for good after a failed write, as on a full
 * disk, and answers on as if it only waited for a leader; a leader may be left with a lock that nobody holds.
 */
export class StuckNode {
  readonly #clock: Clock;
  #hasHeardLeader = false;
  #hasRunFull = false;
  #spells = startSpells();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Answers why the node has to be started anew; undefined when it need not. */
  look(sight: NodeSight): string | undefined {
    const nowMs = this.#clock.monotonicMs();
    const { leaderId, isFollowing, hasFailed, isDiskFull, isSpare } = sight;
    if (leaderId !== undefined) this.#hasHeardLeader = true;
    if (isDiskFull) this.#hasRunFull = true;
    else if (leaderId !== undefined) this.#hasRunFull = false;
    // A spare hears of no leader at any time: it never has, or it had another role once.
    if (leaderId === undefined && this.#hasHeardLeader && isSpare()) this.#hasHeardLeader = false;
    const isDeaf = leaderId === undefined && this.#hasHeardLeader;
    const spells = {
      failing: this.#spells.failing.measure(hasFailed, nowMs),
      deaf: this.#spells.deaf.measure(isDeaf && isFollowing, nowMs),
      forlorn: this.#spells.forlorn.measure(isDeaf && !isDiskFull, nowMs),
      afterFull: this.#spells.afterFull.measure(this.#hasRunFull && !isDiskFull, nowMs),
    };
    const found = limits.find(([name, limitMs]) => spells[name] >= limitMs);
    if (found === undefined) return undefined;
    this.#hasHeardLeader = false;
    this.#hasRunFull = false;
    this.#spells = startSpells();
    return found[2];
  }
}

/** How long something has lasted without a break. */
class Spell {
  #sinceMs: number | undefined;

  measure(isGoingOn: boolean, nowMs: number): number {
    this.#sinceMs = isGoingOn ? (this.#sinceMs ?? nowMs) : undefined;
    return nowMs - (this.#sinceMs ?? nowMs);
  }
}

type Spells = Readonly<Record<'afterFull' | 'deaf' | 'failing' | 'forlorn', Spell>>;

function startSpells(): Spells {
  return { failing: new Spell(), deaf: new Spell(), forlorn: new Spell(), afterFull: new Spell() };
}

const limits: readonly (readonly [keyof Spells, number, string])[] = [
  // Longer than any election, and than a slow disk takes to write the next term.
  ['failing', 10_000, 'it says that it leads, and takes no write'],
  ['deaf', 15_000, 'it hears of no leader, while this member follows one'],
  // A few elections: a node that could not write says so to nobody.
  ['afterFull', 3_000, 'its disk was full, and it hears of no leader since there is room'],
  // Where most nodes have stopped there is no leader to follow. Once, since most often it is the others that are gone.
  ['forlorn', 60_000, 'it has heard of no leader for long'],
];
