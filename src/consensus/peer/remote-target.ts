import type { CommitTarget } from '../store/commit-target.ts';
import type { CommitResult, Transaction } from '../store/store.ts';
import { encodeTransaction } from './messages.ts';
import type { PeerConnection } from './peer-connection.ts';

/** Writes through the connection to another member that leads. */
export class RemoteTarget implements CommitTarget {
  readonly isLocal = false;
  readonly term: number;
  readonly leader: string;
  readonly settledRevision: number;
  readonly #connection: PeerConnection;

  constructor(connection: PeerConnection, place: Pick<CommitTarget, 'leader' | 'settledRevision' | 'term'>) {
    this.#connection = connection;
    this.term = place.term;
    this.leader = place.leader;
    this.settledRevision = place.settledRevision;
  }

  async submit(transaction: Transaction, transactionId: string, signal: AbortSignal): Promise<CommitResult> {
    const request = encodeTransaction(transaction, transactionId);
    const { header } = await this.#connection.request(request, 'commit', signal);
    return header['result'] as CommitResult;
  }

  async readPoint(signal: AbortSignal): Promise<number> {
    const nothing = { fields: {}, payload: new Uint8Array(0) };
    const { header } = await this.#connection.request(nothing, 'read-point', signal);
    return header['revision'] as number;
  }
}
