import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { Peer } from '../membership/membership.ts';
import type { RevisionFeed } from '../store/leading/revision-feed.ts';
import type { StoreState } from '../store/state/store-state.ts';
import { type BatchFrames, streamToFollower } from './follower-stream.ts';
import { encodeFrame, type Frame } from './frame.ts';
import type { PeerConnection } from './peer-connection.ts';

/** This member's own, direct connection to the leader, for as long as that lasts. */
export interface Upstream {
  readonly term: number;
  readonly connection: PeerConnection;
  /** What this member has applied; ends with the connection. */
  readonly feed: RevisionFeed;
}

export interface HubOptions {
  readonly state: StoreState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly frames: BatchFrames;
  readonly upstream: () => Upstream | undefined;
  /** Monotonic time at which a member was last heard here. */
  readonly heardMs: ReadonlyMap<string, number>;
}

interface Downstream {
  readonly member: string;
  readonly session: string;
  readonly upstream: Upstream;
}

type Fields = Readonly<Record<string, unknown>>;

const reportMs = 1_000;
const noPayload = new Uint8Array(0);

/**
 * Serves other members through this one, so that the leader need not keep a connection to each. It passes on
 * the feed from its own state, and requests to the leader as they are: it decides nothing and repeats nothing.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #downstream = new Map<PeerConnection, Downstream>();
  #cancelReport: (() => void) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Announces the member to the leader, whose answer tells it where it stands, and starts its stream. */
  async follow(
    connection: PeerConnection,
    peer: Peer,
    { header }: Frame,
    signal: AbortSignal,
  ): Promise<Fields> {
    const { state, frames } = this.#options;
    const upstream = this.#upstream();
    const session = String(header['session']);
    const revision = Number(header['revision']);
    const announced = { fields: { member: peer.name, session }, payload: noPayload };
    const { header: answer } = await upstream.connection.request(announced, 'attach', signal);
    const { term, leader, settledRevision } = answer;
    // A member that is ahead of this one would be thrown back by its stream.
    await state.waitForRevision(Math.max(revision, settledRevision as number), signal);
    if (upstream !== this.#options.upstream() || connection.isClosed) throw notFollowing();
    this.#downstream.set(connection, { member: peer.name, session, upstream });
    this.#scheduleReport();
    this.#options.logger.debug({ member: peer.name, revision }, 'a member follows through this one');
    setImmediate(() => {
      const source = { term: upstream.term, feed: upstream.feed };
      streamToFollower(connection, { term: source, state, frames }, revision).catch((error: unknown) => {
        connection.close(error instanceof Error ? error : new Error(String(error)));
      });
    });
    return { term, leader, settledRevision };
  }

  /** Passes a request of a member that follows here on to the leader that it was told of. */
  async forward(
    connection: PeerConnection,
    { header, payload }: Frame,
    signal: AbortSignal,
  ): Promise<Fields> {
    const downstream = this.#downstream.get(connection);
    if (downstream === undefined || downstream.upstream !== this.#options.upstream()) throw notFollowing();
    const { kind: _kind, id: _id, method, ...fields } = header;
    const { member, session, upstream } = downstream;
    const encoded = { fields: { ...fields, member, session }, payload };
    const answer = await upstream.connection.request(encoded, String(method), signal);
    const { kind: _answerKind, id: _answerId, ...result } = answer.header;
    return result;
  }

  forget(connection: PeerConnection): void {
    this.#downstream.delete(connection);
  }

  close(): void {
    this.#cancelReport?.();
  }

  #upstream(): Upstream {
    const upstream = this.#options.upstream();
    if (upstream === undefined || upstream.connection.isClosed) throw notFollowing();
    return upstream;
  }

  /** The leader hears of its members' lives through us only. */
  #scheduleReport(): void {
    this.#cancelReport ??= this.#options.clock.after(reportMs, () => {
      this.#cancelReport = undefined;
      const { clock, heardMs } = this.#options;
      const nowMs = clock.monotonicMs();
      const silentMs = [...this.#downstream.values()].map(({ member }) => [
        member,
        nowMs - (heardMs.get(member) ?? nowMs),
      ]);
      if (silentMs.length === 0) return;
      this.#options.upstream()?.connection.push(encodeFrame({ kind: 'push', topic: 'heard', silentMs }));
      this.#scheduleReport();
    });
  }
}

function notFollowing(): ConsensusError {
  return new ConsensusError('NotLeader', 'serving members without a direct connection to the leader');
}
