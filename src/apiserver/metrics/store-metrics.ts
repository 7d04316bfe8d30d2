import { Counter, Gauge, type Registry } from 'prom-client';
import type { Store, StoreStatistics } from '../../consensus/store/store.ts';

type NumberName = {
  [K in keyof StoreStatistics]: StoreStatistics[K] extends number ? K : never;
}[keyof StoreStatistics];

interface Described {
  readonly name: string;
  readonly help: string;
  readonly field: NumberName;
  /** What one unit of the field is, in the unit of the name. */
  readonly scale?: number;
}

const gauges: readonly Described[] = [
  { name: 'revision', field: 'revision', help: "The newest revision in this member's copy." },
  {
    name: 'compacted_revision',
    field: 'compactedRevision',
    help: 'The oldest revision that can still be read.',
  },
  {
    name: 'compaction_lag_seconds',
    field: 'compactionLagMs',
    scale: 0.001,
    help: 'How far compaction is behind; 0 when all is well.',
  },
  { name: 'keys', field: 'keys', help: 'Objects and internal keys.' },
  { name: 'history_revisions', field: 'historyLength', help: 'Revisions kept for watches.' },
  { name: 'history_bytes', field: 'historyBytes', help: 'Bytes of values that only the history keeps.' },
  { name: 'watchers', field: 'watchers', help: 'Watches of the store on this member.' },
  { name: 'queue_transactions', field: 'queueLength', help: 'Transactions that wait for the next batch.' },
  {
    name: 'disk_free_bytes',
    field: 'diskFreeBytes',
    help: "What this member's database may still take of its disk.",
  },
  {
    name: 'disk_needed_bytes',
    field: 'diskNeededBytes',
    help: 'With less than this free, this member takes no more that grows.',
  },
  {
    name: 'disk_reserve_bytes',
    field: 'diskReserveBytes',
    help: 'What is set aside for deletions on a full disk.',
  },
  { name: 'queue_bytes', field: 'queueBytes', help: 'Bytes that wait for the next batch.' },
];
const counters: readonly Described[] = [
  { name: 'commits_total', field: 'commits', help: 'Transactions committed by this member as leader.' },
  { name: 'conflicts_total', field: 'conflicts', help: 'Transactions whose condition did not hold.' },
  {
    name: 'repeats_total',
    field: 'repeats',
    help: 'Repeated transactions answered with their first outcome.',
  },
  { name: 'overloads_total', field: 'overloads', help: 'Transactions refused because a queue was full.' },
  {
    name: 'space_refusals_total',
    field: 'spaceRefusals',
    help: 'Transactions refused because disks were nearly full.',
  },
  { name: 'batches_total', field: 'batches', help: 'Raft entries written by this member as leader.' },
  { name: 'write_seconds_total', field: 'writeMs', scale: 0.001, help: 'Time spent on writing batches.' },
  { name: 'leased_reads_total', field: 'leasedReads', help: 'Read points given out under the lease.' },
  { name: 'proven_reads_total', field: 'provenReads', help: 'Read points that took a Raft round.' },
  { name: 'failovers_total', field: 'failovers', help: 'Changes of the leader that this member saw.' },
];

/** The store counts by itself; its figures are read when somebody asks. */
export function addStoreMetrics(registers: Registry[], store: Store): void {
  for (const { name, help, field, scale = 1 } of gauges) {
    new Gauge({
      ...{ name: `muster_store_${name}`, help, registers },
      collect() {
        this.set(store.readStatistics()[field] * scale);
      },
    });
  }
  for (const { name, help, field, scale = 1 } of counters) {
    new Counter({
      ...{ name: `muster_store_${name}`, help, registers },
      collect() {
        this.reset();
        this.inc(store.readStatistics()[field] * scale);
      },
    });
  }
  new Gauge({
    ...{ name: 'muster_store_leading', help: 'Whether this member leads.', registers },
    collect() {
      this.set(store.readStatistics().isLeading ? 1 : 0);
    },
  });
  new Gauge({
    ...{ name: 'muster_store_has_leader', help: 'Whether this member knows of a leader.', registers },
    collect() {
      this.set(store.leadership.leader === undefined ? 0 : 1);
    },
  });
}
