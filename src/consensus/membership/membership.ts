import type { Departures } from './departures.ts';

/** One member as the consensus layer knows it: the identity is the key, the address only where it lives. */
export interface Peer {
  /** The Raft node id: an unsigned 64-bit number in decimal. The member that bootstraps has 1. */
  readonly id: string;
  readonly name: string;
  /** `host:port` of the member's one port. */
  readonly address: string;
  /** SHA-256 of the member's public key (DER SubjectPublicKeyInfo), lower-case hex. */
  readonly publicKeySha256: string;
  /** The failure domain as dqlite wants it: a number, 0 for "default". */
  readonly failureDomain: number;
  /** The address was edited here while the daemon was stopped, and holds until the member itself says otherwise. */
  readonly isEdited?: true;
}

/** Who belongs to the cluster. Kept in the store, mirrored in a file for the time before it answers. */
export interface PeerDirectory {
  list(): readonly Peer[];
  findById(id: string): Peer | undefined;
  findByName(name: string): Peer | undefined;
  findByPublicKey(publicKeySha256: string): Peer | undefined;
  /** Calls back after each change. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}

export type DatabaseRole = 'spare' | 'stand-by' | 'voter';

export interface DatabaseNode {
  readonly id: string;
  readonly name: string;
  readonly role: DatabaseRole;
  readonly isLeader: boolean;
}

export interface RemoveOptions {
  /** Somebody has given up what only this member has; the host may still be running it. */
  readonly isForced?: boolean;
}

/** Changes of the Raft configuration. All of them work on the leading member only, else `NotLeader`. */
export interface Membership {
  readonly peers: PeerDirectory;
  /** The Raft configuration as the leader has it; members that are not back in it yet are spares. */
  listNodes(signal: AbortSignal): Promise<readonly DatabaseNode[]>;
  /** Adds the peer to the directory and as a spare to the Raft configuration. Repeating it changes nothing. */
  add(peer: Peer, signal: AbortSignal): Promise<void>;
  /**
   * Removes the peer and leaves a tombstone, so that its id can never come back. Its host resets itself when it
   * hears of that, unless the removal was forced.
   */
  remove(name: string, signal: AbortSignal, options?: RemoveOptions): Promise<void>;
  /**
   * Lets a member whose database is lost begin with an empty one under a new id, as a spare: under the old id it
   * could vote a second time. Answers the member as it is from now on.
   */
  replace(id: string, signal: AbortSignal): Promise<Peer>;
  /** Removes a node of the Raft configuration that is no member; refuses one that is. */
  removeLeftover(id: string, signal: AbortSignal): Promise<void>;
  assignRole(name: string, role: DatabaseRole, signal: AbortSignal): Promise<void>;
  transferLeadership(to: string, signal: AbortSignal): Promise<void>;
  /**
   * The leader's soft state: milliseconds since each member was last heard. Whoever was not heard since
   * this member leads is absent; on members that do not lead all are.
   */
  lastHeard(): ReadonlyMap<string, number>;
  /** Calls back after each change of nodes or roles through this member. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
  /** Who has told this leader that it stops; whoever assigns the roles sees to theirs first. */
  readonly departures: Departures;
}
