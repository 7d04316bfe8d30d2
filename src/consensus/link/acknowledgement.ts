import type { Duplex } from 'node:stream';

import type { Clock } from '../../base/clock.ts';

/*
 * A Raft stream carries data one way only: from the member that dialed. When the other member is cut off,
 * TCP goes on trying for many minutes, and after the network is back it waits up to two minutes before
 * its next try; Raft itself only notices a failed write. So whoever accepts a stream answers with a byte
 * now and then, and whoever dialed gives up a stream that stays without an answer: dqlite dials again.
 */

const acknowledgementByte = Buffer.from([6]); // ASCII "ACK"; only that something comes counts
const acknowledgeEveryMs = 250;

/** Ten heartbeats without an answer; longer than a pause of the other side's thread. */
export const stallLimitMs = 3_000;

/** Answers what arrives on `stream`: the first bytes at once, then once an interval. */
export function acknowledge(stream: Duplex, clock: Clock): void {
  let cancel: (() => void) | undefined;
  let isBehind = false;
  const answer = () => {
    isBehind = false;
    if (stream.writable) stream.write(acknowledgementByte);
    cancel = clock.after(acknowledgeEveryMs, () => {
      cancel = undefined;
      if (isBehind) answer();
    });
  };
  stream.on('data', () => {
    isBehind = true;
    if (cancel === undefined) answer();
  });
  stream.once('close', () => cancel?.());
}

/** Calls `onStall` once when what was written to `stream` stays without an answer; consumes the answers. */
export function watchAcknowledgements(
  stream: Duplex,
  source: Duplex,
  { clock, onStall }: { readonly clock: Clock; readonly onStall: () => void },
): void {
  let cancel: (() => void) | undefined;
  const settle = () => {
    cancel?.();
    cancel = undefined;
  };
  source.on('data', () => (cancel ??= clock.after(stallLimitMs, onStall)));
  stream.on('data', settle);
  stream.once('close', settle);
}
