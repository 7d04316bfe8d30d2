import assert from 'node:assert/strict';
import type { Member } from '../../../src/api/generated/member.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createRoleController } from '../../../src/controllers/database-roles.ts';
import { Departures } from '../../../src/consensus/membership/departures.ts';
import type { ControllerInformers } from '../../../src/controllers/informers.ts';
import { createDatabaseView, type DatabaseNode } from '../../../src/controllers/views/database-view.ts';
import { createWorld } from '../../../src/controllers/views/world.ts';
import type { DatabaseRole } from '../../../src/reconcilers/member/role-view.ts';
import type { Informer } from '../../../src/runtime/informer.ts';
import { buildMember } from '../../support/build-objects.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function fixed<T extends Member>(...objects: readonly T[]): Informer<T> {
  return {
    start: () => undefined,
    synced: Promise.resolve(),
    get: (name) => objects.find(({ metadata }) => metadata.name === name),
    list: () => objects,
    subscribe: () => () => undefined,
  };
}

interface Given {
  /** The first one leads. */
  readonly roles: Record<string, DatabaseRole>;
  /** Milliseconds of silence; absent means that it was never heard. */
  readonly silence?: Record<string, number>;
  readonly fails?: (member: string) => boolean;
}

/** Real members and rules over a database that is a list. */
function start({ roles, silence = {}, fails = () => false }: Given) {
  const clock = new FakeClock();
  const log: string[] = [];
  const departures = new Departures(clock);
  const names = Object.keys(roles);
  const nodes = new Map(Object.entries(roles));
  const told = new Set<() => void>();
  const counts = { lists: 0 };
  const database = {
    listNodes() {
      counts.lists += 1;
      const all = [...nodes].map(([name, role], index) => ({ id: name, name, role, isLeader: index === 0 }));
      return Promise.resolve<readonly DatabaseNode[]>(all);
    },
    assignRole(member: string, role: DatabaseRole) {
      log.push(`${member} ${role}`);
      if (fails(member)) return Promise.reject(new Error('no answer'));
      nodes.set(member, role);
      return Promise.resolve();
    },
    transferLeadership: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    lastHeard: () => new Map(Object.entries(silence)),
    departures,
    subscribe(changed: () => void) {
      told.add(changed);
      return () => told.delete(changed);
    },
  };
  const none = fixed();
  const informers = {
    ...{ clusters: none, clusterGroups: none, placementGroups: none, instances: none, images: none },
    ...{ profiles: none, storagePools: none, networks: none },
    members: fixed(...names.map((name) => buildMember(name))),
  } as unknown as ControllerInformers; // -- empty caches are of every kind
  const view = createDatabaseView({ database, clock, memberName: names[0] ?? '' });
  const world = createWorld(informers, view);
  const tools = {
    ...{ clock, random: () => 1, logger: silentLogger },
    clusterApi: {
      delete: () => Promise.reject(new Error('not expected')),
      mergePatch: () => Promise.reject(new Error('writes nothing')),
    },
    events: { record: () => undefined },
  };
  const stop = new AbortController();
  void createRoleController(world, database, tools).run(stop.signal);
  return {
    log,
    departures,
    counts,
    silence,
    change: (name: string, role: DatabaseRole): void => {
      nodes.set(name, role);
      for (const changed of told) changed();
    },
    pass: async (ms: number): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(ms);
      stop.signal.throwIfAborted();
    },
  };
}

describe('controllers/database-roles', () => {
  it('makes one change after the other until all roles are as wanted', async () => {
    const { log, pass } = start({
      roles: { a: 'voter', b: 'spare', c: 'spare', d: 'spare' },
      silence: { b: 0, c: 0, d: 0 },
    });
    await pass(3_000);
    assert.deepEqual(log, ['b voter', 'c voter', 'd stand-by']);
  });

  it('believes the leader before it until nobody was heard for the whole threshold', async () => {
    const { log, pass } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by' },
      silence: { b: 0, d: 0 },
    });
    await pass(19_900);
    assert.deepEqual(log, []);
    await pass(4_000);
    assert.deepEqual(log, ['d voter', 'c spare']);
  });

  it('asks the database only when something was changed, and now and then', async () => {
    const { counts, log, pass, change } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by' },
      silence: { b: 0, c: 0, d: 0 },
    });
    await pass(29_000);
    assert.equal(counts.lists, 1);
    await pass(30_000);
    assert.equal(counts.lists, 2);
    change('c', 'spare');
    await pass(100);
    assert.deepEqual(log, ['d voter', 'c stand-by']);
  });

  it('notices without asking it that a voter has fallen silent', async () => {
    const { counts, log, pass, silence } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by' },
      silence: { b: 0, c: 0, d: 0 },
    });
    await pass(5_000);
    assert.equal(counts.lists, 1);
    silence['c'] = 60_000;
    await pass(2_500);
    assert.deepEqual(log, ['d voter', 'c spare']);
  });

  it('asks the next candidate when one fails', async () => {
    const { log, pass } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by', e: 'spare' },
      silence: { b: 0, c: 60_000, d: 0, e: 0 },
      fails: (member) => member === 'd',
    });
    await pass(2_000);
    assert.deepEqual(log, ['d voter', 'e voter', 'c spare']);
  });

  it('sees to the vote of a member that stops, and lets it go then', async () => {
    const { log, pass, departures } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by' },
      silence: { b: 0, c: 0, d: 0 },
    });
    await pass(0);
    const leaving = departures.announce('c', 500);
    await pass(100);
    assert.deepEqual(log, ['d voter', 'c stand-by']);
    assert.equal(await leaving, true);
    await pass(4_000);
    departures.returned('c');
    await pass(4_000);
    assert.deepEqual(log, ['d voter', 'c stand-by']);
  });

  it('lets one of three go at once, with its vote', async () => {
    const { log, pass, departures } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter' },
      silence: { b: 0, c: 0 },
    });
    await pass(0);
    const leaving = departures.announce('b', 500);
    await pass(100);
    assert.equal(await leaving, true);
    assert.deepEqual(log, []);
  });

  it('gives nothing to a member that has just fallen silent', async () => {
    const { log, pass, departures } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by', e: 'stand-by' },
      silence: { b: 0, c: 0, d: 5_000, e: 0 },
    });
    await pass(0);
    void departures.announce('b', 500);
    await pass(100);
    assert.deepEqual(log, ['e voter', 'b stand-by']);
  });

  it('lets a stand-by go while others wait for a role', async () => {
    const { log, pass, departures } = start({
      roles: { a: 'voter', b: 'voter', c: 'voter', d: 'stand-by', e: 'spare' },
      silence: { b: 0, c: 0, d: 0, e: 0 },
      fails: () => true,
    });
    await pass(0);
    const leaving = departures.announce('d', 500);
    await pass(100);
    assert.equal(await leaving, true);
    assert.deepEqual(new Set(log), new Set(['e stand-by']));
  });
});
