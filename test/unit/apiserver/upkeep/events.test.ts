import assert from 'node:assert/strict';
import { createEventExpiry } from '../../../../src/apiserver/upkeep/events.ts';
import type { UpkeepContext } from '../../../../src/apiserver/upkeep/upkeep-context.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type InMemoryStore, createInMemoryStore } from '../../../support/in-memory-store.ts';

const prefix = '/registry/core/events/default/';
const limits = { keptMs: 60_000, maxCount: 3 };
const { signal } = new AbortController();

describe('apiserver/upkeep/events', () => {
  let store: InMemoryStore;
  const clock = new FakeClock();

  beforeEach(() => {
    store = createInMemoryStore();
  });
  afterEach(() => {
    store.close();
  });

  async function tell(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const event = { metadata: { name, creationTimestamp: new Date(clock.now()).toISOString() } };
      const put = { kind: 'put', key: prefix + name, value: Buffer.from(JSON.stringify(event)) } as const;
      await store.commit({ conditions: [], operations: [put] });
    }
  }
  function context(): UpkeepContext {
    const used: Pick<UpkeepContext, 'clock' | 'signal' | 'store' | 'term'> = {
      store,
      clock,
      signal,
      term: 1,
    };
    return used as UpkeepContext; // -- the chore asks for nothing else
  }
  async function expire(): Promise<string[]> {
    const expiry = createEventExpiry(store, limits);
    await expiry.expireEvents(context());
    expiry.close();
    return store.range(prefix).entries.map(({ key }) => key.slice(prefix.length));
  }

  it('keeps as many as there may be', async () => {
    await tell('a', 'b', 'c');
    assert.deepEqual(await expire(), ['a', 'b', 'c']);
  });

  it('lets go of those that were told longest ago when there are too many', async () => {
    await tell('z', 'y', 'b', 'a', 'z');
    assert.deepEqual(await expire(), ['a', 'b', 'z']);
  });

  it('follows what is told after it has started', async () => {
    const expiry = createEventExpiry(store, limits);
    await tell('d', 'c', 'b', 'd', 'a');
    await expiry.expireEvents(context());
    expiry.close();
    assert.deepEqual(await expire(), ['a', 'b', 'd']);
  });

  it('lets go of those that nobody has repeated for long', async () => {
    await tell('old');
    await clock.advance(limits.keptMs + 1);
    await tell('new');
    assert.deepEqual(await expire(), ['new']);
  });
});
