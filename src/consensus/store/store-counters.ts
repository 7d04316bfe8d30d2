/** Upper bounds of the batch sizes that are told apart; the last one is the limit of a batch. */
export const batchSizeBounds = [1, 2, 4, 8, 16, 32, 64, 120] as const;

export interface CounterValues {
  /** Transactions that this member's sequencer committed. */
  readonly commits: number;
  /** Transactions whose condition did not hold. */
  readonly conflicts: number;
  /** Repeated transactions that were answered with their first outcome. */
  readonly repeats: number;
  /** Transactions refused because a queue was full. */
  readonly overloads: number;
  /** Transactions refused because disks were nearly full. */
  readonly spaceRefusals: number;
  readonly batches: number;
  /** How many batches had at most this many transactions, not counting those of the bound before. */
  readonly batchSizes: ReadonlyMap<number, number>;
  /** Time spent on writing batches, from sending one to the answer. */
  readonly writeMs: number;
  /** Read points given out under the lease, and those that took a round of their own or a batch's. */
  readonly leasedReads: number;
  readonly provenReads: number;
  /** Changes of the leader that this member saw since it started. */
  readonly failovers: number;
}

/** What this process counted since it started, whichever terms it led in. */
export class StoreCounters {
  commits = 0;
  conflicts = 0;
  repeats = 0;
  overloads = 0;
  spaceRefusals = 0;
  batches = 0;
  writeMs = 0;
  leasedReads = 0;
  provenReads = 0;
  #failovers = 0;
  #lastLeader: string | undefined;
  readonly #batchSizes = new Map<number, number>(batchSizeBounds.map((bound) => [bound, 0]));

  countBatch(transactions: number, writeMs: number): void {
    const bound = batchSizeBounds.find((limit) => transactions <= limit) ?? transactions;
    this.#batchSizes.set(bound, (this.#batchSizes.get(bound) ?? 0) + 1);
    this.batches += 1;
    this.writeMs += writeMs;
  }

  /** Called with whoever leads each time that may have changed. */
  noteLeader(leader: string | undefined): void {
    if (leader === undefined || leader === this.#lastLeader) return;
    if (this.#lastLeader !== undefined) this.#failovers += 1;
    this.#lastLeader = leader;
  }

  read(): CounterValues {
    const { commits, conflicts, repeats, overloads, spaceRefusals } = this;
    const { batches, writeMs, leasedReads, provenReads } = this;
    return {
      ...{ commits, conflicts, repeats, overloads, spaceRefusals },
      ...{ batches, writeMs, leasedReads, provenReads },
      batchSizes: new Map(this.#batchSizes),
      failovers: this.#failovers,
    };
  }
}
