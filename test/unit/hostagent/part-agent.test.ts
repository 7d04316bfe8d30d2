import assert from 'node:assert/strict';
import type { StoragePool, StoragePoolStatusMember } from '../../../src/api/generated/storage-pool.ts';
import { apiError } from '../../../src/api/api-error.ts';
import { storagePools } from '../../../src/api/generated/resources.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { mayTearDown, withoutPart, withPart, type AgentTools } from '../../../src/hostagent/agent-tools.ts';
import { concernsPartOf, createPartAgent } from '../../../src/hostagent/part-agent.ts';
import type { RecordStore } from '../../../src/hostagent/record-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryClusterApi } from '../../support/memory-cluster-api.ts';

interface Rec {
  readonly uid: string;
}

const neverAborted = new AbortController().signal;
const name = { name: 'default' };
const unused = {
  type: 'InUse',
  status: 'False',
  reason: 'Unused',
  message: '',
  lastTransitionTime: '',
} as const;

function buildPool(more: Partial<StoragePool> = {}): StoragePool {
  const metadata = { name: 'default', uid: 'p1', finalizers: ['muster.dev/in-use'] };
  return {
    apiVersion: 'muster.dev/v1alpha1',
    kind: 'StoragePool',
    metadata,
    spec: { driver: 'dir' },
    ...more,
  };
}

/** The world of one pool: the API, what the cache shows of it, and what the host holds. */
function build(
  stored: StoragePool | undefined,
  options: { readonly held?: Rec; readonly failure?: Error } = {},
) {
  const clusterApi = new MemoryClusterApi();
  const held = new Map<string, Rec>(options.held === undefined ? [] : [['default', options.held]]);
  const tornDown: string[] = [];
  const records: RecordStore<Rec> = {
    get: (key) => Promise.resolve(held.get(key)),
    list: () => Promise.resolve([...held.keys()]),
    put: (key, record) => Promise.resolve(void held.set(key, record)),
    remove: (key) => Promise.resolve(void held.delete(key)),
  };
  const cache: { pool: StoragePool | undefined } = { pool: undefined };
  const tools: AgentTools = {
    memberName: 'm2',
    clusterApi,
    events: { record: () => undefined },
    clock: new FakeClock(),
    random: () => 0,
    logger: silentLogger,
  };
  const reconcile = createPartAgent<StoragePool, StoragePoolStatusMember, Rec>(tools, {
    resource: storagePools,
    informer: {
      start: () => undefined,
      synced: Promise.resolve(),
      get: () => cache.pool,
      list: () => [],
      subscribe: () => () => undefined,
    },
    records,
    isUsedHere: () => false,
    async create(pool) {
      if (options.failure !== undefined) throw options.failure;
      await records.put('default', { uid: pool.metadata.uid ?? '' });
      return { name: 'm2', state: 'Created' };
    },
    tearDown: (key, record) => Promise.resolve(void tornDown.push(`${key} ${record.uid}`)),
  });
  return {
    held,
    tornDown,
    async run() {
      if (stored !== undefined) await clusterApi.create(storagePools, stored);
      cache.pool = await clusterApi.get(storagePools, name);
      await reconcile('default', neverAborted);
      return (await clusterApi.get(storagePools, name))?.status?.members;
    },
    clusterApi,
    reconcile: () => reconcile('default', neverAborted),
  };
}

describe('hostagent/part-agent', () => {
  it('adds its part and leaves those of others alone', async () => {
    const others = { status: { members: [{ name: 'm1', state: 'Errored' as const, message: 'x' }] } };
    const world = build(buildPool(others));
    assert.deepEqual(await world.run(), [...others.status.members, { name: 'm2', state: 'Created' }]);
  });

  it('tells a failure and throws it on, so that it is tried again', async () => {
    const world = build(buildPool(), { failure: new Error('disk is read-only') });
    await assert.rejects(world.run(), /read-only/);
    const pool = await world.clusterApi.get(storagePools, name);
    assert.deepEqual(pool?.status?.members, [{ name: 'm2', state: 'Errored', message: 'disk is read-only' }]);
  });

  it('says nothing of a write that came too late', async () => {
    const world = build(buildPool(), { failure: apiError('Conflict', 'the object has been modified') });
    await world.run();
    const pool = await world.clusterApi.get(storagePools, name);
    assert.equal(pool?.status?.members, undefined);
  });

  const deletionTimestamp = '2026-01-01T00:00:00Z';
  const metadata = { ...buildPool().metadata, deletionTimestamp };
  const members = [{ name: 'm2', state: 'Created' as const }];

  it('keeps its part while a deletion is blocked', async () => {
    const used = { ...unused, status: 'True' as const, reason: 'DeletionBlocked' };
    const world = build(buildPool({ metadata, status: { members, conditions: [used] } }), {
      held: { uid: 'p1' },
    });
    assert.deepEqual([await world.run(), world.tornDown], [members, []]);
  });

  it('tears its part down when nothing uses it, then takes its entry away', async () => {
    const world = build(buildPool({ metadata, status: { members, conditions: [unused] } }), {
      held: { uid: 'p1' },
    });
    assert.deepEqual([await world.run(), world.tornDown, world.held.size], [[], ['default p1'], 0]);
  });

  it('removes what an object that is gone left', async () => {
    const world = build(undefined, { held: { uid: 'p1' } });
    await world.run();
    assert.deepEqual([world.tornDown, world.held.size], [['default p1'], 0]);
  });

  it('removes what an earlier object of the same name left', async () => {
    const world = build(buildPool(), { held: { uid: 'p0' } });
    await world.run();
    assert.deepEqual(world.tornDown, ['default p0']);
  });

  it('touches nothing when only its cache lacks the object', async () => {
    const world = build(undefined, { held: { uid: 'p1' } });
    await world.clusterApi.create(storagePools, buildPool());
    await world.reconcile();
    assert.deepEqual([world.tornDown, world.held.size], [[], 1]);
  });

  it('touches nothing while the API does not answer', async () => {
    const world = build(undefined, { held: { uid: 'p1' } });
    world.clusterApi.isOffline = true;
    await assert.rejects(world.reconcile(), /no quorum/);
    assert.deepEqual([world.tornDown, world.held.size], [[], 1]);
  });
});

describe('hostagent/agent-tools', () => {
  const parts = [{ name: 'm1' }, { name: 'm3' }];
  it('keeps parts in the order of names', () => {
    assert.deepEqual(withPart(parts, { name: 'm2' }), [{ name: 'm1' }, { name: 'm2' }, { name: 'm3' }]);
    assert.deepEqual(withoutPart(parts, 'm1'), [{ name: 'm3' }]);
  });

  const cases = [
    { name: 'no before it is deleted', isDeleting: false, condition: unused, want: false },
    { name: 'yes when nothing uses it', isDeleting: true, condition: unused, want: true },
    {
      name: 'yes when only members hold it',
      isDeleting: true,
      condition: { ...unused, status: 'True' as const, reason: 'CleaningUp' },
      want: true,
    },
    {
      name: 'no while it is used',
      isDeleting: true,
      condition: { ...unused, status: 'True' as const, reason: 'DeletionBlocked' },
      want: false,
    },
    { name: 'no before its controller has looked', isDeleting: true, condition: undefined, want: false },
  ];
  for (const { name: title, isDeleting, condition, want } of cases) {
    it(`mayTearDown says ${title}`, () => {
      const pool = buildPool({ status: condition === undefined ? {} : { conditions: [condition] } });
      if (isDeleting) pool.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
      assert.equal(mayTearDown(pool), want);
    });
  }
});

describe('hostagent/part-agent: what concerns a member', () => {
  const before = {
    ...{ apiVersion: 'muster.dev/v1alpha1', kind: 'Network' },
    metadata: { name: 'br', uid: 'u', generation: 1, resourceVersion: '5' },
    status: { members: [{ name: 'n1' }], ipv4Address: '10.1.0.1/24' },
  };
  const condition = (type: string) => ({ ...{ type, status: 'True', reason: 'R', message: 'm' } }) as const;
  const cases: readonly { name: string; status?: object; metadata?: object; want: boolean }[] = [
    { name: 'another part', status: { members: [{ name: 'n1' }, { name: 'n2' }] }, want: false },
    { name: 'the own part', status: { members: [{ name: 'n1', message: 'oh' }] }, want: true },
    { name: 'the own part is gone', status: { members: [] }, want: true },
    { name: 'a count of parts', status: { conditions: [condition('Ready')] }, want: false },
    { name: 'who uses it', status: { conditions: [condition('InUse')] }, want: true },
    { name: 'what a controller chose', status: { ipv4Address: '10.2.0.1/24' }, want: true },
    { name: 'a wish', metadata: { generation: 2 }, want: true },
    { name: 'the deletion', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, want: true },
    { name: 'nothing but a revision', metadata: { resourceVersion: '6' }, want: false },
  ];
  for (const { name, status = {}, metadata = {}, want } of cases) {
    it(`${want ? 'looks at' : 'passes over'} ${name}`, () => {
      const after = {
        ...before,
        metadata: { ...before.metadata, ...metadata },
        status: { ...before.status, ...status },
      };
      assert.equal(concernsPartOf('n1')({ key: 'br', before, after }), want);
    });
  }
});
