import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/logger.ts';
import type { DatabaseClient, DatabaseConnection, RaftNode } from '../engine/database.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { LeadershipKeeper } from '../store/leading/leadership-keeper.ts';
import type { Store } from '../store/store.ts';
import type { Departures } from './departures.ts';
import type {
  DatabaseNode,
  DatabaseRole,
  Membership,
  Peer,
  PeerDirectory,
  RemoveOptions,
} from './membership.ts';
import { createNodeId } from './node-id.ts';
import { encodePeer, encodeTombstone, peersPrefix, tombstonesPrefix } from './peer-entry.ts';

export interface RaftMembershipOptions {
  readonly self: Peer;
  readonly peers: PeerDirectory;
  readonly store: Store;
  readonly database: DatabaseClient;
  readonly keeper: LeadershipKeeper;
  readonly departures: Departures;
  readonly heardMs: () => ReadonlyMap<string, number>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const transferLimitMs = 5_000;

/** Changes the directory in the store and the Raft configuration in dqlite, in the order that survives a crash between the two. */
export class RaftMembership implements Membership {
  readonly peers: PeerDirectory;
  readonly departures: Departures;
  readonly #options: RaftMembershipOptions;
  readonly #listeners = new Set<() => void>();

  constructor(options: RaftMembershipOptions) {
    this.#options = options;
    this.peers = options.peers;
    this.departures = options.departures;
  }

  async listNodes(signal: AbortSignal): Promise<readonly DatabaseNode[]> {
    const nodes = await this.#onLeader('listing the database nodes', signal, (database) =>
      database.cluster(signal),
    );
    const known = nodes.map(({ id, address, role }) => ({
      id,
      name: this.peers.findById(id)?.name ?? address,
      role,
      isLeader: id === this.#options.self.id,
    }));
    // After the loss of the quorum they belong to the cluster, and come into the configuration when they are back.
    const isMissing = (peer: Peer): boolean => nodes.every(({ id }) => id !== peer.id);
    const missing = this.peers.list().filter(isMissing);
    return [
      ...known,
      ...missing.map(({ id, name }) => ({ id, name, role: 'spare' as const, isLeader: false })),
    ];
  }

  async add(peer: Peer, signal: AbortSignal): Promise<void> {
    await this.#change(`adding member ${peer.name}`, signal, async (database) => {
      // The directory goes first: without it the new node could not be reached, and Raft would wait for it.
      await this.#enter(peer, signal);
      const nodes = await database.cluster(signal);
      if (nodes.some(({ id }) => id === peer.id)) return;
      await database.addNode(peer.id, raftAddress(peer.id), signal);
      this.#options.logger.info({ member: peer.name, id: peer.id }, 'added a member as a spare');
    });
  }

  async remove(name: string, signal: AbortSignal, { isForced = false }: RemoveOptions = {}): Promise<void> {
    await this.#change(`removing member ${name}`, signal, async (database) => {
      // Struck off last: who is not in the directory has been removed, and whoever asks again has not seen it yet.
      const peer = this.peers.findByName(name);
      if (peer === undefined) return;
      const node = await findNode(database, peer.id, signal);
      if (node !== undefined) {
        await this.#leaveOffice(peer, database, signal);
        await changeRole(database, node, 'spare', signal);
        await database.removeNode(peer.id, signal);
      }
      await this.#strike(peer, isForced, signal);
      this.#options.logger.info({ member: name, id: peer.id, isForced }, 'removed a member');
    });
  }

  async replace(id: string, signal: AbortSignal): Promise<Peer> {
    return await this.#change(`giving the member with id ${id} a new one`, signal, async (database) => {
      const peer = this.peers.findById(id);
      if (peer === undefined || id === this.#options.self.id) {
        throw new ConsensusError('Fenced', `replacing the id ${id}, which is that of no other member`);
      }
      const node = await findNode(database, id, signal);
      if (node !== undefined) {
        // Its vote goes first: from here on no majority counts on a log that is lost.
        await changeRole(database, node, 'spare', signal);
        await database.removeNode(id, signal);
      }
      const fresh = { ...peer, id: createNodeId() };
      const operations = [
        { kind: 'put', key: tombstonesPrefix + id, value: encodeTombstone(peer, 'replaced') },
        { kind: 'delete', key: peersPrefix + id },
        { kind: 'put', key: peersPrefix + fresh.id, value: encodePeer(fresh) },
      ] as const;
      const conditions = [{ key: tombstonesPrefix + id, revision: 0 }];
      const { kind } = await this.#options.store.commit({ conditions, operations }, signal);
      if (kind === 'conflict')
        throw new ConsensusError('NotLeader', `replacing the id ${id} twice at a time`);
      await database.addNode(fresh.id, raftAddress(fresh.id), signal);
      this.#options.logger.info({ member: peer.name, from: id, to: fresh.id }, 'a member starts anew');
      return fresh;
    });
  }

  async removeLeftover(id: string, signal: AbortSignal): Promise<void> {
    await this.#change(`removing the Raft node ${id}`, signal, async (database) => {
      const peer = this.peers.findById(id);
      if (peer !== undefined) {
        throw new ConsensusError(
          'Fenced',
          `removing the Raft node ${id}, which is that of member ${peer.name}`,
        );
      }
      const node = await findNode(database, id, signal);
      if (node === undefined) return;
      await changeRole(database, node, 'spare', signal);
      await database.removeNode(id, signal);
      this.#options.logger.info({ id }, 'removed a leftover Raft node');
    });
  }

  async assignRole(name: string, role: DatabaseRole, signal: AbortSignal): Promise<void> {
    await this.#change(`making member ${name} a ${role}`, signal, async (database) => {
      const peer = this.#find(name);
      const node = await findNode(database, peer.id, signal);
      if (node === undefined) {
        throw new ConsensusError('NotLeader', `finding member ${name} in the Raft configuration`);
      }
      if (node.role === role) return;
      if (role !== 'voter') await this.#leaveOffice(peer, database, signal);
      await changeRole(database, node, role, signal);
      this.#options.logger.info({ member: name, from: node.role, to: role }, 'changed a database role');
    });
  }

  async transferLeadership(to: string, signal: AbortSignal): Promise<void> {
    const doing = `transferring leadership to member ${to}`;
    await this.#onLeader(doing, signal, async (database) => {
      await this.#handOver(to, this.#find(to).id, database);
    });
  }

  /** The caller's signal often ends with this member's term, which is before the transfer is asked for. */
  async #handOver(name: string, id: string, database: DatabaseConnection): Promise<void> {
    const { keeper, clock } = this.#options;
    using deadline = createDeadline(clock, transferLimitMs, `transferring leadership to member ${name}`);
    await keeper.handOver(name, () => database.transfer(id, deadline.signal));
  }

  lastHeard(): ReadonlyMap<string, number> {
    const { keeper, clock, self, heardMs } = this.#options;
    const { term } = keeper;
    if (term === undefined) return new Map();
    const nowMs = clock.monotonicMs();
    const heard = heardMs();
    const silences = this.peers.list().flatMap(({ id, name }): (readonly [string, number])[] => {
      if (id === self.id) return [[name, 0]];
      const lastMs = heard.get(name);
      // What was heard in an earlier term of this member says nothing about the time in between.
      return lastMs === undefined || lastMs < term.startedMs ? [] : [[name, Math.max(0, nowMs - lastMs)]];
    });
    return new Map(silences);
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  async #change<T>(
    doing: string,
    signal: AbortSignal,
    run: (database: DatabaseConnection) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#onLeader(doing, signal, run);
    } finally {
      // What failed may have been done halfway.
      for (const changed of [...this.#listeners]) changed();
    }
  }

  /** Uses a connection of its own: a promotion waits for the node to catch up, and commits must not. */
  async #onLeader<T>(
    doing: string,
    signal: AbortSignal,
    run: (database: DatabaseConnection) => Promise<T>,
  ): Promise<T> {
    if (this.#options.keeper.term === undefined) throw new ConsensusError('NotLeader', doing);
    const database = await this.#options.database.connect(signal);
    try {
      return await run(database);
    } finally {
      database.close();
    }
  }

  async #enter(peer: Peer, signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    const doing = `adding member ${peer.name} with id ${peer.id}`;
    const namesake = this.peers.findByName(peer.name);
    if (store.get(tombstonesPrefix + peer.id) !== undefined) {
      throw new ConsensusError('Fenced', `${doing}, which was removed and cannot come back`);
    }
    if (namesake !== undefined && namesake.id !== peer.id) {
      throw new ConsensusError('Fenced', `${doing}: the name belongs to another member`);
    }
    const key = peersPrefix + peer.id;
    const value = encodePeer(peer);
    const stored = store.get(key);
    if (stored !== undefined && Buffer.compare(stored.value, value) === 0) return;
    const conditions = [
      { key, revision: stored?.revision ?? 0 },
      { key: tombstonesPrefix + peer.id, revision: 0 },
    ];
    const { kind } = await store.commit({ conditions, operations: [{ kind: 'put', key, value }] }, signal);
    if (kind === 'conflict') throw new ConsensusError('Fenced', `${doing} while its entry changed`);
  }

  async #strike(peer: Peer, isForced: boolean, signal: AbortSignal): Promise<void> {
    const operations = [
      { kind: 'put', key: tombstonesPrefix + peer.id, value: encodeTombstone(peer, 'removed', !isForced) },
      { kind: 'delete', key: peersPrefix + peer.id },
    ] as const;
    await this.#options.store.commit({ conditions: [], operations }, signal);
  }

  /** A leader that gives up its own vote would stop the cluster; the next leader does the rest. */
  async #leaveOffice(peer: Peer, database: DatabaseConnection, signal: AbortSignal): Promise<void> {
    if (peer.id !== this.#options.self.id) return;
    const voters = (await database.cluster(signal)).filter(({ role }) => role === 'voter');
    const heir = voters.find(({ id }) => id !== peer.id);
    if (heir === undefined) {
      throw new ConsensusError('NoQuorum', `taking the vote of ${peer.name}, the only voter`);
    }
    const heirName = this.peers.findById(heir.id)?.name ?? heir.address;
    await this.#handOver(heirName, heir.id, database);
    throw new ConsensusError('NotLeader', `changing the role of ${peer.name}, which handed leadership over`);
  }

  #find(name: string): Peer {
    const peer = this.peers.findByName(name);
    if (peer === undefined) throw new ConsensusError('NotLeader', `finding member ${name} in the directory`);
    return peer;
  }
}

export function raftAddress(id: string): string {
  return `member:${id}`;
}

async function findNode(
  database: DatabaseConnection,
  id: string,
  signal: AbortSignal,
): Promise<RaftNode | undefined> {
  return (await database.cluster(signal)).find((node) => node.id === id);
}

/** A voter goes through stand-by, so that it stops voting before it stops replicating. */
async function changeRole(
  database: DatabaseConnection,
  node: RaftNode,
  role: DatabaseRole,
  signal: AbortSignal,
): Promise<void> {
  if (node.role === role) return;
  if (node.role === 'voter' && role === 'spare') await database.assignRole(node.id, 'stand-by', signal);
  await database.assignRole(node.id, role, signal);
}
