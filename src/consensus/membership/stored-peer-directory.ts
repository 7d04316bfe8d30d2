import type { StoreReader } from '../store/store.ts';
import type { Peer, PeerDirectory } from './membership.ts';
import { decodePeer, peersPrefix } from './peer-entry.ts';

/**
 * The peers as the store has them. Until this member's store holds any, those that it was started
 * with: without them it could not reach the others to fill its store.
 */
export class StoredPeerDirectory implements PeerDirectory {
  readonly #listeners = new Set<() => void>();
  #peers: readonly Peer[];

  constructor(initial: readonly Peer[]) {
    this.#peers = initial;
  }

  list(): readonly Peer[] {
    return this.#peers;
  }

  findById(id: string): Peer | undefined {
    return this.#peers.find((peer) => peer.id === id);
  }

  findByName(name: string): Peer | undefined {
    return this.#peers.find((peer) => peer.name === name);
  }

  findByPublicKey(publicKeySha256: string): Peer | undefined {
    return this.#peers.find((peer) => peer.publicKeySha256 === publicKeySha256);
  }

  subscribe(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  /** Reads the store from now on, also across snapshots, which end a watch. */
  follow(store: StoreReader): void {
    this.#read(store);
    store.watch(
      peersPrefix,
      store.revision,
      (_revision, changes) => {
        if (changes.length > 0) this.#read(store);
      },
      (error) => {
        if (error.code === 'Compacted') this.follow(store);
      },
    );
  }

  #read(store: StoreReader): void {
    const peers = store.range(peersPrefix).entries.map(({ value }) => decodePeer(value));
    if (peers.length === 0) return;
    const edited = new Map(this.#peers.filter(({ isEdited }) => isEdited).map((peer) => [peer.id, peer]));
    this.#peers = peers.map((peer) => keepEdited(peer, edited.get(peer.id)));
    for (const changed of [...this.#listeners]) changed();
  }
}

/** The store has the old address until the member has registered the new one, for which it has to be reached. */
function keepEdited(stored: Peer, edited: Peer | undefined): Peer {
  if (edited === undefined || edited.address === stored.address) return stored;
  return { ...stored, address: edited.address, isEdited: true };
}
