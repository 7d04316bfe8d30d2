import assert from 'node:assert/strict';

import { DatabaseError } from '../../../../src/consensus/engine/database.ts';
import type { Message } from '../../../../src/consensus/engine/wire/message.ts';
import { RequestQueue } from '../../../../src/consensus/engine/wire/request-queue.ts';

const answer: Message = { type: 8, body: Buffer.alloc(8) };
const never = new AbortController().signal;

function createQueue() {
  const broken: string[] = [];
  const sent: string[] = [];
  const queue = new RequestQueue((reason) => {
    broken.push(reason.message);
    queue.fail(reason);
  });
  const ask = (name: string, take: (message: Message) => boolean = () => true, signal = never) =>
    queue.run({ send: () => sent.push(name), take, signal });
  return { queue, broken, sent, ask };
}

describe('consensus/engine/wire/request-queue', () => {
  it('sends one request at a time, in order', async () => {
    const { queue, sent, ask } = createQueue();
    const [first, second] = [ask('a'), ask('b')];
    assert.deepEqual(sent, ['a']);
    queue.deliver(answer);
    await first;
    assert.deepEqual(sent, ['a', 'b']);
    queue.deliver(answer);
    await second;
  });

  it('waits for the last part of an answer', async () => {
    const { queue, sent, ask } = createQueue();
    let parts = 0;
    const first = ask('a', () => (parts += 1) === 2);
    void ask('b');
    queue.deliver(answer);
    assert.deepEqual(sent, ['a']);
    queue.deliver(answer);
    await first;
    assert.deepEqual(sent, ['a', 'b']);
  });

  it('goes on after a refusal', async () => {
    const { queue, broken, ask } = createQueue();
    const refused = ask('a', () => {
      throw new DatabaseError(1, 'no such table');
    });
    const second = ask('b');
    queue.deliver(answer);
    await assert.rejects(refused, /no such table/);
    queue.deliver(answer);
    await second;
    assert.deepEqual(broken, []);
  });

  it('breaks the connection after an answer that makes no sense', async () => {
    const { queue, broken, ask } = createQueue();
    const first = ask('a', () => {
      throw new Error('unknown type');
    });
    const second = ask('b');
    queue.deliver(answer);
    await assert.rejects(first, /unknown type/);
    await assert.rejects(second, /unknown type/);
    assert.deepEqual(broken, ['unknown type']);
  });

  it('never sends a request that is given up while it waits', async () => {
    const { queue, broken, sent, ask } = createQueue();
    const giveUp = new AbortController();
    const first = ask('a');
    const second = ask('b', undefined, giveUp.signal);
    giveUp.abort(new Error('too late'));
    await assert.rejects(second, /too late/);
    queue.deliver(answer);
    await first;
    assert.deepEqual([sent, broken], [['a'], []]);
  });

  it('breaks the connection when the request in flight is given up', async () => {
    const { broken, ask } = createQueue();
    const giveUp = new AbortController();
    const first = ask('a', undefined, giveUp.signal);
    const second = ask('b');
    giveUp.abort(new Error('too late'));
    await assert.rejects(first, /too late/);
    await assert.rejects(second, /too late/);
    assert.deepEqual(broken, ['too late']);
  });

  it('refuses everything after a failure', async () => {
    const { queue, ask } = createQueue();
    queue.fail(new Error('gone'));
    await assert.rejects(ask('a'), /gone/);
  });

  it('breaks the connection when an answer comes that nobody asked for', () => {
    const { queue, broken } = createQueue();
    queue.deliver(answer);
    assert.deepEqual(broken, ['dqlite sent a message of type 8 that nobody asked for']);
  });
});
