import assert from 'node:assert/strict';
import { apiError } from '../../../src/api/api-error.ts';
import type { KubernetesObject } from '../../../src/api/meta.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { ClusterApi, ListOptions, WatchEvent } from '../../../src/runtime/cluster-api.ts';
import { createInformer } from '../../../src/runtime/create-informer.ts';
import { FakeClock } from '../../support/fake-clock.ts';

type Event = WatchEvent<KubernetesObject>;
type Script =
  | { readonly list: string[] | Error; readonly version?: string }
  | { readonly watch: (Error | Event)[]; readonly stay?: boolean };

const resource = { apiVersion: 'test/v1', kind: 'Thing', plural: 'things', namespaced: true } as const;

/** `name@version` in namespace `n`. */
function build(text: string): KubernetesObject {
  const [name = '', resourceVersion = ''] = text.split('@');
  return {
    apiVersion: 'test/v1',
    kind: 'Thing',
    metadata: { name, namespace: 'n', uid: name, resourceVersion },
  };
}

const added = (text: string): Event => ({ type: 'ADDED', object: build(text) });

/** An API that answers as scripted, in order, and keeps a log of what was asked. */
function start(script: Script[]) {
  const clock = new FakeClock();
  const log: string[] = [];
  const news: string[] = [];
  const take = (): Script => script.shift() ?? { watch: [], stay: true };
  const clusterApi: Pick<ClusterApi, 'list' | 'watch'> = {
    list: (_resource, options: ListOptions) => {
      log.push(`list ${options.resourceVersion ?? 'newest'}`);
      const step = take();
      if (!('list' in step)) throw new Error(`expected ${JSON.stringify(step)}`);
      if (step.list instanceof Error) return Promise.reject(step.list);
      return Promise.resolve({
        resourceVersion: step.version ?? '1',
        items: step.list.map(build) as never[],
      });
    },
    async *watch(_resource, options, signal) {
      log.push(`watch ${options.resourceVersion}`);
      const step = take();
      if (!('watch' in step)) throw new Error(`expected ${JSON.stringify(step)}`);
      for (const event of step.watch) {
        if (event instanceof Error) throw event;
        yield event as never;
      }
      if (step.stay === true) {
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      }
    },
  };
  const informer = createInformer(resource, { clusterApi, clock, random: () => 1, logger: silentLogger });
  informer.subscribe(({ key, before, after }) => {
    news.push(`${key} ${before?.metadata.resourceVersion ?? '-'}>${after?.metadata.resourceVersion ?? '-'}`);
  });
  const stop = new AbortController();
  informer.start(stop.signal);
  return { clock, informer, log, news, stop };
}

async function settle(clock: FakeClock, ms: number): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(ms);
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('runtime/create-informer', () => {
  it('lists once, also from an old cache, then follows the watch', async () => {
    const { clock, informer, log, news } = start([
      { list: ['a@1', 'b@2'], version: '2' },
      {
        watch: [
          added('c@3'),
          { type: 'MODIFIED', object: build('a@4') },
          { type: 'DELETED', object: build('b@5') },
        ],
        stay: true,
      },
    ]);
    await informer.synced;
    await settle(clock, 0);
    assert.deepEqual(log, ['list 0', 'watch 2']);
    assert.deepEqual(news, ['n/a ->1', 'n/b ->2', 'n/c ->3', 'n/a 1>4', 'n/b 5>-']);
    assert.deepEqual([informer.get('n/a')?.metadata.resourceVersion, informer.list().length], ['4', 2]);
  });

  it('does not keep who owns which field', async () => {
    const owned = build('a@3');
    owned.metadata.managedFields = [{ manager: 'm' }];
    const { clock, informer } = start([
      { list: [], version: '2' },
      { watch: [{ type: 'ADDED', object: owned }], stay: true },
    ]);
    await informer.synced;
    await settle(clock, 0);
    assert.deepEqual(informer.get('n/a'), build('a@3'));
  });

  it('watches on from the last bookmark when the stream ends', async () => {
    const { clock, log } = start([{ list: [] }, { watch: [{ type: 'BOOKMARK', resourceVersion: '17' }] }]);
    await settle(clock, 250);
    assert.deepEqual(log, ['list 0', 'watch 1', 'watch 17']);
  });

  it('lists anew when history is gone, and tells only what differs', async () => {
    const { clock, log, news } = start([
      { list: ['a@1', 'b@1'] },
      { watch: [apiError('Expired', 'too old')] },
      { list: ['a@1', 'c@9'], version: '9' },
    ]);
    await settle(clock, 250);
    assert.deepEqual(log, ['list 0', 'watch 1', 'list newest', 'watch 9']);
    assert.deepEqual(news.slice(2), ['n/c ->9', 'n/b 1>-']);
  });

  it('keeps its objects and its place while the API does not answer, with growing pauses', async () => {
    const lost = apiError('ServiceUnavailable', 'no answer');
    const { clock, informer, log } = start([
      { list: lost },
      { list: ['a@1'] },
      { watch: [lost] },
      { watch: [lost] },
    ]);
    await settle(clock, 250);
    assert.deepEqual(log, ['list 0', 'list 0', 'watch 1']);
    await settle(clock, 499);
    assert.equal(log.length, 3);
    await settle(clock, 1);
    await settle(clock, 1_000);
    assert.deepEqual([log.slice(3), informer.list().length], [['watch 1', 'watch 1'], 1]);
  });

  it('lists anew after a long time, and stops with its signal', async () => {
    const { clock, log, stop } = start([{ list: [] }, { watch: [], stay: true }, { list: [], version: '5' }]);
    await settle(clock, 10 * 60_000);
    await settle(clock, 1_000);
    assert.deepEqual(log, ['list 0', 'watch 1', 'list newest', 'watch 5']);
    stop.abort();
    await settle(clock, 60_000);
    assert.equal(log.length, 4);
  });
});
