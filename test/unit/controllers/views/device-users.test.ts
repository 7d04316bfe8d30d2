import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Instance } from '../../../../src/api/generated/instance.ts';
import type { Profile } from '../../../../src/api/generated/profile.ts';
import type { KubernetesObject } from '../../../../src/api/meta.ts';
import { keyOf } from '../../../../src/api/resource.ts';
import type { ControllerInformers } from '../../../../src/controllers/informers.ts';
import { createReferences } from '../../../../src/controllers/views/references.ts';
import type { Informer, InformerChange } from '../../../../src/runtime/informer.ts';
import { buildInstance, buildNetwork, buildPool, buildProfile } from '../../../support/build-objects.ts';

/** A cache that the test fills by hand. */
class Cache<T extends KubernetesObject> implements Informer<T> {
  readonly objects = new Map<string, T>();
  readonly subscribers = new Set<(change: InformerChange<T>) => void>();
  readonly synced = Promise.resolve();
  readonly start = (): void => undefined;
  readonly get = (key: string): T | undefined => this.objects.get(key);
  readonly list = (): readonly T[] => [...this.objects.values()];

  subscribe(changed: (change: InformerChange<T>) => void): () => void {
    this.subscribers.add(changed);
    return () => this.subscribers.delete(changed);
  }

  put(after: T): void {
    const key = keyOf(after);
    const before = this.objects.get(key);
    this.objects.set(key, after);
    for (const tell of this.subscribers) tell(before === undefined ? { key, after } : { key, before, after });
  }

  remove(key: string): void {
    const before = this.objects.get(key);
    this.objects.delete(key);
    if (before !== undefined) for (const tell of this.subscribers) tell({ key, before });
  }
}

const disk = (pool: string) => ({ root: { type: 'disk' as const, disk: { path: '/' as const, pool } } });
const nic = (network: string) => ({ eth0: { type: 'nic' as const, nic: { network } } });

function start(filled: readonly Instance[] = []) {
  const instances = new Cache<Instance>();
  const profiles = new Cache<Profile>();
  for (const instance of filled) instances.put(instance);
  // The other kinds are not asked for.
  const informers = { instances, profiles } as unknown as ControllerInformers;
  const references = createReferences(informers);
  return {
    ...{ instances, profiles, references },
    pool: (name: string) => references.usersOfPool(buildPool(name)).toSorted(),
    network: (name: string) => references.usersOfNetwork(buildNetwork(name)).toSorted(),
  };
}

describe('controllers/views/device-users', () => {
  it('knows who uses a pool or a network, also through a profile that comes later', () => {
    const { instances, profiles, pool, network } = start([buildInstance('early', { generation: 1 })]);
    instances.put(buildInstance('own', { generation: 1, spec: { devices: disk('fast') } }));
    assert.deepEqual(pool('fast'), ['instance default/own']);
    profiles.put(buildProfile('default', { spec: { devices: { ...disk('local'), ...nic('lan') } } }));
    assert.deepEqual(pool('local'), ['instance default/early', 'profile default/default']);
    assert.deepEqual(network('lan'), [
      'instance default/early',
      'instance default/own',
      'profile default/default',
    ]);
    profiles.remove('default/default');
    assert.deepEqual([pool('local'), network('lan')], [[], []]);
  });

  it('follows a changed wish, a deletion, and another instance of the same name', () => {
    const { instances, pool } = start();
    const using = (uid: string, generation: number, name: string) =>
      buildInstance('web', { uid, generation, spec: { devices: disk(name) } });
    instances.put(using('1', 1, 'a'));
    instances.put(using('1', 2, 'b'));
    assert.deepEqual([pool('a'), pool('b')], [[], ['instance default/web']]);
    instances.put(using('2', 2, 'c'));
    assert.deepEqual([pool('b'), pool('c')], [[], ['instance default/web']]);
    instances.remove('default/web');
    assert.deepEqual(pool('c'), []);
  });

  it('agrees with a look at all of them after any changes', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const change = fc.oneof(
      fc.record({
        kind: fc.constant('instance' as const),
        name,
        pool: fc.option(name),
        profiles: fc.array(name),
      }),
      fc.record({ kind: fc.constant('profile' as const), name, pool: fc.option(name) }),
      fc.record({ kind: fc.constant('gone' as const), name }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const now = start();
        for (const [index, one] of changes.entries()) {
          const generation = index + 1;
          if (one.kind === 'gone') now.instances.remove(`default/${one.name}`);
          else {
            const devices = one.pool === null ? {} : disk(one.pool);
            if (one.kind === 'profile') now.profiles.put(buildProfile(one.name, { spec: { devices } }));
            else {
              const spec = { devices, profiles: one.profiles };
              now.instances.put(buildInstance(one.name, { generation, spec }));
            }
          }
        }
        const anew = start([...now.instances.list()]);
        for (const profile of now.profiles.list()) anew.profiles.put(profile);
        for (const pool of ['a', 'b', 'c']) assert.deepEqual(now.pool(pool), anew.pool(pool));
      }),
    );
  });

  it('lets go of the caches', () => {
    const { instances, profiles, references } = start();
    references.close();
    assert.equal(instances.subscribers.size + profiles.subscribers.size, 0);
  });
});
