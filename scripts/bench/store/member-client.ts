import { readFileSync } from 'node:fs';

import { systemClock } from '../../../src/base/clock.ts';
import type { Peer } from '../../../src/consensus/membership/membership.ts';
import { encodeTransaction } from '../../../src/consensus/peer/messages.ts';
import { defaultPeerTiming, PeerConnection } from '../../../src/consensus/peer/peer-connection.ts';
import { connectToPeer, createMemberContext } from '../../../src/consensus/peer/peer-tls.ts';
import { createTransactionIds } from '../../../src/consensus/store/transaction-ids.ts';

export interface MemberTarget {
  readonly peer: Peer;
  readonly certFile: string;
  readonly keyFile: string;
}

const never = new AbortController().signal;
const none = { fields: {}, payload: new Uint8Array(0) };

/** The store as another member writes to it: the protocol between members, without the API on top. */
export class MemberClient {
  readonly #connection: PeerConnection;
  readonly #ids = createTransactionIds();

  private constructor(connection: PeerConnection) {
    this.#connection = connection;
  }

  static async open({ peer, certFile, keyFile }: MemberTarget): Promise<MemberClient> {
    const tls = { certPem: readFileSync(certFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') };
    const stream = await connectToPeer(peer, createMemberContext(tls), systemClock, never);
    const ignore = (): void => undefined;
    const handlers = {
      answer: () => Promise.reject(new Error('a benchmark answers nothing')),
      ...{ push: ignore, heard: ignore, closed: ignore },
    };
    return new MemberClient(
      new PeerConnection(stream, {
        clock: systemClock,
        timing: defaultPeerTiming,
        leadsPings: false,
        handlers,
      }),
    );
  }

  async put(key: string, value: Buffer): Promise<void> {
    const transaction = { conditions: [], operations: [{ kind: 'put', key, value }] } as const;
    await this.#connection.request(encodeTransaction(transaction, this.#ids.next()), 'commit', never);
  }

  /** Name of the member that leads, as this one knows it. */
  async leader(): Promise<string | undefined> {
    const { header } = await this.#connection.request(none, 'leader', never);
    return header['leader'] as string | undefined; // the protocol's own field
  }

  close(): void {
    this.#connection.close(new Error('the benchmark is over'));
  }
}
