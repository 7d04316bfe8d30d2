import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { encodeFrame, FrameReader } from '../../../../src/consensus/peer/frame.ts';
import { PeerConnection } from '../../../../src/consensus/peer/peer-connection.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const timing = { pingMs: 500, silenceLimitMs: 1_600 };

interface Wire {
  isCut: boolean;
}

/** Two streams, each of which reads what is written into the other. */
function buildStreams(wire: Wire): readonly [Duplex, Duplex] {
  const build = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write(chunk, _encoding, done) {
        if (!wire.isCut) other().push(chunk);
        done();
      },
    });
  const first: Duplex = build(() => second);
  const second: Duplex = build(() => first);
  return [first, second];
}

function connect(clock: FakeClock, wire: Wire = { isCut: false }) {
  const [near, far] = buildStreams(wire);
  const open = (stream: Duplex, leadsPings: boolean) => {
    const seen = { pings: 0, quiet: 0, closed: [] as string[] };
    const reader = new FrameReader();
    stream.on('data', (chunk: Buffer) => {
      seen.pings += [...reader.push(chunk)].filter(({ header }) => header.kind === 'ping').length;
    });
    const connection = new PeerConnection(stream, {
      ...{ clock, timing, leadsPings },
      handlers: {
        answer: () => Promise.resolve({}),
        push: () => undefined,
        heard: () => undefined,
        quiet: () => {
          seen.quiet += 1;
        },
        closed: ({ message }) => seen.closed.push(message),
      },
    });
    return { connection, seen };
  };
  const leading = open(near, true);
  const answering = open(far, false);
  return {
    leading: leading.seen,
    answering: answering.seen,
    close: (): void => {
      leading.connection.close(new Error('the test is over'));
      answering.connection.close(new Error('the test is over'));
    },
  };
}

/** A side that follows, and a wire of which the test holds the other end; the end answers what came out of it. */
function followAlone(clock: FakeClock) {
  const [near, far] = buildStreams({ isCut: false });
  const handlers = {
    answer: () => Promise.resolve({}),
    push: () => undefined,
    heard: () => undefined,
    closed: () => undefined,
  };
  const connection = new PeerConnection(near, { clock, timing, handlers, leadsPings: false });
  const received: Buffer[] = [];
  far.on('data', (chunk: Buffer) => received.push(chunk));
  return {
    far,
    end: (): readonly string[] => {
      connection.close(new Error('the test is over'));
      return [...new FrameReader().push(Buffer.concat(received))].map(({ header }) => header.kind);
    },
  };
}

/** In small steps, so that what is on the wire arrives. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 50) {
    await clock.advance(50);
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('pings between members', () => {
  it('are sent by one side, and every third is answered by the other', async () => {
    const clock = new FakeClock();
    const { leading, answering, close } = connect(clock);
    await pass(clock, 10_000);
    close();
    assert.equal(answering.pings, 20);
    assert.equal(leading.pings, 7);
    assert.deepEqual([leading.quiet, answering.quiet], [0, 0]);
  });

  it('make both sides notice that nothing comes any more, the one that follows soon', async () => {
    const clock = new FakeClock();
    const wire: Wire = { isCut: false };
    const { leading, answering, close } = connect(clock, wire);
    await pass(clock, 2_000);
    wire.isCut = true;
    await pass(clock, 850);
    assert.ok(answering.quiet > 0);
    await pass(clock, 200);
    assert.deepEqual([leading.closed, answering.closed], [[], []]);
    await pass(clock, 1_100);
    assert.match(answering.closed.join(), /was silent for/);
    await pass(clock, 1_000);
    assert.match(leading.closed.join(), /was silent for/);
    assert.ok(leading.quiet > 0);
    close();
  });

  it('of a member of an earlier release are all answered', async () => {
    const clock = new FakeClock();
    const { far, end } = followAlone(clock);
    for (let count = 0; count < 4; count += 1) {
      far.write(encodeFrame({ kind: 'ping' }));
      await pass(clock, timing.pingMs);
    }
    assert.deepEqual(end(), ['ping', 'ping', 'ping', 'ping']);
  });

  it('go both ways when the other side does not lead either', async () => {
    const clock = new FakeClock();
    const { end } = followAlone(clock);
    await pass(clock, 1_400);
    assert.deepEqual(end(), ['ping', 'ping']);
  });
});
