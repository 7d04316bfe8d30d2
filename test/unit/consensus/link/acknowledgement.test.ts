import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';

import {
  acknowledge,
  stallLimitMs,
  watchAcknowledgements,
} from '../../../../src/consensus/link/acknowledgement.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const bytes = Buffer.from('raft');

describe('consensus/link/acknowledgement', () => {
  it('answers the first bytes at once and later ones once an interval', async () => {
    const clock = new FakeClock();
    const stream = new PassThrough();
    let answers = 0;
    stream.write = () => (answers += 1) > 0;
    acknowledge(stream, clock);
    const seen: number[] = [];
    for (const pauseMs of [10, 10, 240, 250, 500]) {
      if (seen.length < 3) stream.emit('data', bytes);
      seen.push(answers);
      await clock.advance(pauseMs);
    }
    assert.deepEqual([seen, answers], [[1, 1, 1, 2, 2], 2]);
  });

  it('reports a stall only when something was written and nothing answered', async () => {
    const clock = new FakeClock();
    const stream = new PassThrough();
    const source = new PassThrough();
    let stalls = 0;
    watchAcknowledgements(stream, source, { clock, onStall: () => (stalls += 1) });
    await clock.advance(stallLimitMs * 2);
    assert.equal(stalls, 0, 'an idle stream is not a stalled one');
    for (let round = 0; round < 5; round += 1) {
      source.emit('data', bytes);
      await clock.advance(stallLimitMs - 1);
      stream.emit('data', Buffer.from([6]));
    }
    assert.equal(stalls, 0, 'each write was answered in time');
    source.emit('data', bytes);
    await clock.advance(stallLimitMs);
    assert.equal(stalls, 1);
  });

  it('is quiet about a stream that was closed', async () => {
    const clock = new FakeClock();
    const stream = new PassThrough();
    const source = new PassThrough();
    let stalls = 0;
    watchAcknowledgements(stream, source, { clock, onStall: () => (stalls += 1) });
    source.emit('data', bytes);
    stream.emit('close');
    await clock.advance(stallLimitMs);
    assert.equal(stalls, 0);
  });
});
