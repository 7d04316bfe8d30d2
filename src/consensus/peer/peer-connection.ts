import type { Duplex } from 'node:stream';

import type { Clock } from '../../base/clock.ts';
import { inStep } from '../../base/in-step.ts';
import { ConsensusError } from '../consensus-error.ts';
import { encodeFrame, FrameReader, type Frame, type Header } from './frame.ts';
import { decodeFailure, encodeFailure, type Encoded } from './messages.ts';

export interface PeerHandlers {
  /** Answers a request of the other side. `signal` aborts when it gives up or the connection ends. */
  readonly answer: (frame: Frame, signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>>;
  readonly push: (frame: Frame) => void;
  /** Anything at all arrived: the other side is alive. */
  readonly heard: () => void;
  /** A ping of the other side is overdue: it may be gone, or this process stood still. */
  readonly quiet?: () => void;
  readonly closed: (reason: Error) => void;
}

export interface PeerTiming {
  readonly pingMs: number;
  /** Who hears no ping for so long takes the other side for gone: a few pings. */
  readonly silenceLimitMs: number;
}

export const defaultPeerTiming: PeerTiming = { pingMs: 500, silenceLimitMs: 1_600 };

// A follower that leaves this much unread is cut off; it comes back and fetches what it missed.
const unreadBytesLimit = 64 * 1024 * 1024;
const requestsLimit = 4_096;
// Half of that: one side must be able to refuse work before its connection is cut for it.
const unsentBytesLimit = unreadBytesLimit / 2;

export interface PeerConnectionOptions {
  readonly clock: Clock;
  readonly timing: PeerTiming;
  readonly handlers: PeerHandlers;
  /** Of the two sides one pings and the other answers some of it, so that both wake once for both. */
  readonly leadsPings: boolean;
}

interface PendingRequest {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: ConsensusError) => void;
}

/** One connection between two members: requests and answers both ways, pushes, and pings. */
export class PeerConnection {
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #timing: PeerTiming;
  readonly #handlers: PeerHandlers;
  readonly #leadsPings: boolean;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, PendingRequest>();
  readonly #answering = new Map<number, AbortController>();
  #nextId = 1;
  #flushesSoon = false;
  #heardMs: number;
  #pings = 0;
  #closeReason: Error | undefined;
  #cancelPing: () => void = () => undefined;

  constructor(stream: Duplex, options: PeerConnectionOptions) {
    this.#stream = stream;
    this.#clock = options.clock;
    this.#timing = options.timing;
    this.#handlers = options.handlers;
    this.#leadsPings = options.leadsPings;
    this.#heardMs = this.#clock.monotonicMs();
    stream.on('data', (chunk: Buffer) => this.#read(chunk));
    stream.on('error', (error) => this.close(error));
    stream.on('close', () => this.close(new Error('the other member closed the connection')));
    stream.on('end', () => this.close(new Error('the other member ended the connection')));
    this.#schedulePing(this.#usualPingMs());
  }

  get isClosed(): boolean {
    return this.#closeReason !== undefined;
  }

  /**
   * Rejects with `NotLeader` or `Overloaded` when the request was not sent, with the other side's own error
   * when it refused, and with `Unknown` when the answer is lost.
   */
  async request(encoded: Encoded, method: string, signal: AbortSignal): Promise<Frame> {
    if (this.#closeReason !== undefined) throw notSent(this.#closeReason);
    if (signal.aborted) throw new ConsensusError('Timeout', `asking the leader to ${method}`);
    if (this.#pending.size >= requestsLimit || this.#stream.writableLength > unsentBytesLimit) {
      throw new ConsensusError(
        'Overloaded',
        `asking the leader to ${method} behind ${this.#pending.size} others`,
      );
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<Frame>();
    this.#pending.set(id, { resolve, reject });
    const giveUp = (): void => {
      reject(unanswered(method, signal.reason));
      this.#write(encodeFrame({ kind: 'cancel', id }));
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#write(encodeFrame({ kind: 'request', id, method, ...encoded.fields }, encoded.payload));
    try {
      return await promise;
    } finally {
      this.#pending.delete(id);
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Leaves after what is answered in the same turn, on this connection and on others: somebody waits for that. */
  push(frame: Uint8Array): void {
    if (this.#closeReason !== undefined) return;
    if (this.#stream.writableCorked === 0) {
      this.#stream.cork();
      setImmediate(() => this.#stream.uncork());
    }
    this.#send(frame);
  }

  /** Resolves when what was pushed has left this process, or the connection ended. */
  async drained(): Promise<void> {
    if (this.#closeReason !== undefined || !this.#stream.writableNeedDrain) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    this.#stream.once('drain', wake).once('close', wake);
    await promise;
    this.#stream.off('drain', wake).off('close', wake);
  }

  close(reason: Error): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#cancelPing();
    this.#stream.destroy();
    for (const { reject } of this.#pending.values()) reject(unanswered('answer', reason));
    for (const answering of this.#answering.values()) answering.abort(reason);
    this.#handlers.closed(reason);
  }

  /** A batch has many authors on one connection: one write carries all that one turn says. */
  #write(bytes: Uint8Array): void {
    if (this.#closeReason !== undefined) return;
    if (!this.#flushesSoon) {
      this.#flushesSoon = true;
      if (this.#stream.writableCorked === 0) this.#stream.cork();
      process.nextTick(() => {
        this.#flushesSoon = false;
        this.#stream.uncork();
      });
    }
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#stream.write(bytes);
    if (this.#stream.writableLength > unreadBytesLimit) {
      this.close(new Error(`the other member left ${this.#stream.writableLength} bytes unread`));
    }
  }

  #read(chunk: Buffer): void {
    this.#heardMs = this.#clock.monotonicMs();
    this.#handlers.heard();
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (!this.isClosed) this.#handle(frame);
      }
    } catch (error) {
      // Bytes that are not frames, or a gap: nothing after them on this connection can be trusted.
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #handle(frame: Frame): void {
    const { header } = frame;
    const id = header['id'] as number;
    switch (header.kind) {
      case 'request':
        void this.#answer(id, frame);
        return;
      case 'response':
        this.#pending.get(id)?.resolve(frame);
        return;
      case 'failure':
        this.#pending.get(id)?.reject(decodeFailure(header));
        return;
      case 'cancel':
        this.#answering.get(id)?.abort(new Error('the other member gave up'));
        return;
      case 'push':
        this.#handlers.push(frame);
        return;
      case 'ping':
        if (this.#leadsPings) return;
        if (frame.header['isAnswered'] !== false) this.#write(encodeFrame(ping));
        this.#cancelPing();
        this.#schedulePing(this.#usualPingMs());
        return;
    }
  }

  async #answer(id: number, frame: Frame): Promise<void> {
    const controller = new AbortController();
    try {
      if (this.#answering.size >= requestsLimit) {
        throw new ConsensusError('Overloaded', `answering ${requestsLimit} requests of one member`);
      }
      this.#answering.set(id, controller);
      const fields = await this.#handlers.answer(frame, controller.signal);
      this.#write(encodeFrame({ kind: 'response', id, ...fields }));
    } catch (error) {
      this.#write(encodeFrame({ kind: 'failure', id, ...encodeFailure(error) }));
    } finally {
      this.#answering.delete(id);
    }
  }

  /** Whoever answers pings by himself only where none comes. */
  #usualPingMs(): number {
    const { pingMs } = this.#timing;
    return this.#leadsPings ? inStep(this.#clock, pingMs, pingMs) : pingMs * answererPings;
  }

  /**
   * Who waits for pings has to hear soon that none comes, and who sends them not: each answer wakes it once more. A
   * member of an earlier release answers all of them.
   */
  #nextPing(): Header {
    const isAnswered = this.#pings % answeredPings === 0;
    if (this.#leadsPings) this.#pings += 1;
    return isAnswered ? ping : unansweredPing;
  }

  /** For how much longer than from one ping to the next the other side may say nothing. */
  get #patienceMs(): number {
    return this.#leadsPings ? this.#timing.pingMs * (answeredPings - 1) : 0;
  }

  #schedulePing(ms: number): void {
    const dueMs = this.#clock.monotonicMs() + ms;
    this.#cancelPing = this.#clock.after(ms, () => {
      const nowMs = this.#clock.monotonicMs();
      const silentMs = nowMs - this.#heardMs;
      // After a pause of this process what the other side sent is still unread: it was not silent.
      const isLate = nowMs - dueMs > this.#timing.pingMs / 2;
      if (silentMs > this.#timing.silenceLimitMs + this.#patienceMs && !isLate) {
        this.close(new Error(`the other member was silent for ${Math.round(silentMs)} ms`));
        return;
      }
      if (silentMs > this.#timing.pingMs * quietPings + this.#patienceMs) this.#handlers.quiet?.();
      this.#write(encodeFrame(this.#nextPing()));
      this.#schedulePing(this.#leadsPings ? this.#usualPingMs() : this.#timing.pingMs);
    });
  }
}

const ping: Header = { kind: 'ping' };
const unansweredPing: Header = { kind: 'ping', isAnswered: false };
// A voter that was silent for 3 s gets no role: an answer each 1.5 s leaves room for one that is late.
const answeredPings = 3;
// Pings of both sides drift against one another; one and a half of them never lie between two.
const quietPings = 1.5;
// A little more than that: the first look after a ping that did not come finds the other side quiet.
const answererPings = 1.6;

function notSent(cause: Error): ConsensusError {
  return new ConsensusError('NotLeader', 'asking the leader over a closed connection', { cause });
}

function unanswered(method: string, cause: unknown): ConsensusError {
  return new ConsensusError('Unknown', `waiting for the leader to ${method}`, { cause });
}
