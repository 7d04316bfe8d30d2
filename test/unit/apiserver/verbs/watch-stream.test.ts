import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { AnyResponse } from '../../../../src/apiserver/http/exchange.ts';
import type { WatchEncoder } from '../../../../src/apiserver/verbs/watch-encoder.ts';
import { WatchStream } from '../../../../src/apiserver/verbs/watch-stream.ts';
import type { Change } from '../../../../src/consensus/store/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const encoder: WatchEncoder = {
  initial: () => Buffer.from('initial\n'),
  change: () => Buffer.from('change\n'),
  bookmark: (revision) => Buffer.from(`bookmark ${revision}\n`),
};
const change = {} as Change; // the encoder of this test reads nothing of it

function open(allowsBookmarks: boolean) {
  const clock = new FakeClock();
  const response = new PassThrough();
  const stream = new WatchStream({
    ...{ clock, encoder, allowsBookmarks },
    response: response as unknown as AnyResponse, // of which it only writes the body
  });
  const lines: string[] = [];
  response.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trimEnd().split('\n')));
  stream.reached(7);
  stream.startLive();
  return { clock, stream, lines };
}

async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await clock.advance(1_000);
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('apiserver/verbs/watch-stream', () => {
  it('says how far it has come when there was nothing to say for long', async () => {
    const { clock, stream, lines } = open(true);
    await pass(clock, 20);
    assert.deepEqual(lines, []);
    await pass(clock, 40);
    assert.deepEqual(lines, ['bookmark 7', 'bookmark 7']);
    stream.finish();
  });

  it('is never silent for as long as clients wait, whenever the last change came', async () => {
    for (const changedAt of [1, 12, 22, 23]) {
      const { clock, stream, lines } = open(true);
      await pass(clock, changedAt);
      stream.pushChange(change, { isBefore: true, isAfter: true });
      await pass(clock, 22);
      assert.deepEqual(lines, ['change'], `changed after ${changedAt} s`);
      await pass(clock, 5);
      assert.deepEqual(lines, ['change', 'bookmark 7'], `changed after ${changedAt} s`);
      stream.finish();
    }
  });

  it('keeps silent where nobody asked for bookmarks', async () => {
    const { clock, stream, lines } = open(false);
    await pass(clock, 100);
    stream.finish();
    assert.deepEqual(lines, []);
  });
});
