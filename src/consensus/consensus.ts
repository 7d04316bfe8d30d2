import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { FrontDoorRoutes } from './link/front-door.ts';
import type { HostPort } from './link/split-address.ts';
import type { TlsMaterial } from './link/tls-material.ts';
import type { Membership, Peer } from './membership/membership.ts';
import type { DiskGauge } from './space/disk-gauge.ts';
import type { KeptPrefixes } from './space/space-rules.ts';
import type { CompactionLimits } from './store/leading/compactor.ts';
import type { Store, StoreReader } from './store/store.ts';

export interface ConsensusOptions {
  /** Private to this member; made when missing. */
  readonly dataDir: string;
  readonly self: Peer;
  readonly tls: TlsMaterial;
  readonly listen: HostPort;
  /** Members to start from when there is no `peers.json` yet: what a joiner was told. */
  readonly initialPeers: readonly Peer[];
  /** True only for the first start of the first member of a cluster. */
  readonly bootstrap: boolean;
  readonly helperPath: string;
  readonly timing?: ConsensusTiming;
  /** Keys that are written for as long as possible while disks run full; the members' own always are. */
  readonly keptPrefixes?: KeptPrefixes;
  /** Whether this member is meant to hold no replica, by what its own copy of the store tells. */
  readonly isSpare?: (store: StoreReader) => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ConsensusTiming {
  /** What dqlite assumes of the network: it elects after 15 to 30 times this without a leader. */
  readonly networkLatencyMs?: number;
  /** How long a write or read may be without a leader before it fails as `NoQuorum`. */
  readonly leaderPatienceMs?: number;
  /** So many members without a replica follow the leader itself; the others follow voters and stand-bys. */
  readonly directSpares?: number;
  /** How long reads need no Raft round after the start of one; 0 makes a round for each batch of reads. */
  readonly readLeaseMs?: number;
  readonly compaction?: Partial<CompactionLimits>;
}

export interface Consensus {
  readonly store: Store;
  readonly membership: Membership;
  /** How much room the database of this member has. */
  readonly disk: DiskView;
  /** Where the parts of the member itself reach the API server. */
  readonly apiSocketPath: string;
  /** Hands over each connection to the member's port that is not one of another member's. */
  onApiConnection(serve: FrontDoorRoutes['api']): void;
  /** Listens at another address besides; rejects when it cannot. */
  listen(at: HostPort): Promise<NextDoor>;
  /** The port that is listened on; differs from the one asked for when that was 0. */
  readonly port: number;
  /** Pid of the database helper; for tests that kill it. */
  readonly helperPid: number | undefined;
  /**
   * For a member that is about to stop for longer than a moment: others get its leadership, and its vote if one can
   * take it. Asks for it while everything still runs; takes about a second when nobody answers, at most 15 s when the
   * others are slow. Never rejects.
   */
  leave(): Promise<void>;
  /** Hands leadership over, then stops everything in order. */
  close(): Promise<void>;
}

export type DiskView = Pick<DiskGauge, 'report' | 'subscribe'>;

/** An address that may take the place of the one at which the member has listened so far. */
export interface NextDoor {
  /** From now on it is the only one: the former one is closed. */
  keep(): Promise<void>;
  close(): Promise<void>;
}
