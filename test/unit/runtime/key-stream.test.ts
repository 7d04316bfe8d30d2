import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import type { Informer, InformerChange } from '../../../src/runtime/informer.ts';
import {
  burstKeys,
  mergeKeys,
  ownKeys,
  periodicKeys,
  relatedKeys,
  type KeyStream,
} from '../../../src/runtime/key-stream.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function buildObject(name: string): KubernetesObject {
  return { apiVersion: 'test/v1', kind: 'Thing', metadata: { name, namespace: 'n' } };
}

function buildInformer(...names: string[]) {
  const subscribers = new Set<(change: InformerChange<KubernetesObject>) => void>();
  const informer: Informer<KubernetesObject> = {
    start: () => undefined,
    synced: Promise.resolve(),
    get: () => undefined,
    list: () => names.map(buildObject),
    subscribe(changed) {
      subscribers.add(changed);
      return () => subscribers.delete(changed);
    },
  };
  const change = (name: string): void => {
    for (const subscriber of subscribers) subscriber({ key: `n/${name}`, after: buildObject(name) });
  };
  return { informer, change, subscribers };
}

function collect(stream: KeyStream) {
  const keys: string[] = [];
  const stop = new AbortController();
  stream.feed({ add: (key) => keys.push(key) }, stop.signal);
  return { keys, stop };
}

describe('runtime/key-stream', () => {
  it('gives what an informer holds, then what changes, until the signal aborts', () => {
    const { informer, change, subscribers } = buildInformer('a', 'b');
    const { keys, stop } = collect(ownKeys(informer));
    change('c');
    stop.abort();
    change('d');
    assert.deepEqual([keys, subscribers.size], [['n/a', 'n/b', 'n/c'], 0]);
  });

  it('merges the related keys of a burst', async () => {
    const clock = new FakeClock();
    const { informer, change } = buildInformer();
    const stream = relatedKeys(informer, ({ key }) => [key, 'all'], { quietMs: 50, clock });
    const { keys } = collect(stream);
    change('a');
    change('b');
    await clock.advance(40);
    change('a');
    assert.deepEqual(keys, []);
    await clock.advance(20);
    assert.deepEqual(keys, ['n/a', 'all', 'n/b']);
    change('c');
    await clock.advance(50);
    assert.deepEqual(keys.slice(3), ['n/c', 'all']);
  });

  it('looks for keys once for each burst that matters, and at its end', async () => {
    const clock = new FakeClock();
    const { informer, change } = buildInformer();
    const waiting = ['n/x'];
    const looks: string[][] = [];
    const look = (): string[] => {
      looks.push([...waiting]);
      return waiting;
    };
    const stream = burstKeys(informer, ({ key }) => key !== 'n/other', look, { quietMs: 50, clock });
    const { keys } = collect(stream);
    for (const name of ['a', 'b', 'c']) change(name);
    waiting.push('n/y');
    assert.deepEqual([keys, looks], [[], []]);
    await clock.advance(50);
    assert.deepEqual([keys, looks], [['n/x', 'n/y'], [['n/x', 'n/y']]]);
    change('other');
    await clock.advance(50);
    assert.equal(looks.length, 1);
    change('d');
    await clock.advance(50);
    assert.equal(looks.length, 2);
  });

  it('repeats and merges', async () => {
    const clock = new FakeClock();
    const { informer } = buildInformer('a');
    const { keys, stop } = collect(
      mergeKeys(
        ownKeys(informer),
        periodicKeys(() => ['x'], 100, clock),
      ),
    );
    await clock.advance(250);
    stop.abort();
    await clock.advance(250);
    assert.deepEqual(keys, ['n/a', 'x', 'x']);
  });
});
