import assert from 'node:assert/strict';
import { namespaces, secrets } from '../../../../src/api/builtin.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { keepUpkeep } from '../../../../src/daemon/run/keep-upkeep.ts';
import { buildJoinTokenSecret } from '../../../../src/runtime/join-token-secret.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { MemoryClusterApi } from '../../../support/memory-cluster-api.ts';

function start() {
  const clock = new FakeClock();
  const clusterApi = new MemoryClusterApi();
  const store = { revision: 10 };
  const seen = { syncs: 0, fails: false };
  const stop = new AbortController();
  const running = keepUpkeep(
    {
      ...{ store, clusterApi, clock, logger: silentLogger },
      readDefinitions: () => Promise.resolve([]),
      syncCrds() {
        seen.syncs += 1;
        return seen.fails ? Promise.reject(new Error('no quorum')) : Promise.resolve();
      },
      hasArrived: () => false,
      authority: { certPem: '' },
    },
    stop.signal,
  );
  return {
    clock,
    clusterApi,
    store,
    seen,
    pass: async (minutes: number): Promise<void> => {
      for (let second = 0; second < minutes * 60; second += 1) await clock.advance(1_000);
    },
    end: async (): Promise<void> => {
      stop.abort();
      await running;
    },
  };
}

describe('keepUpkeep', () => {
  it('rests while nothing is written', async () => {
    const { seen, pass, end } = start();
    await pass(10);
    await end();
    assert.equal(seen.syncs, 1);
  });

  it('puts back what somebody has deleted', async () => {
    const { clusterApi, store, pass, end } = start();
    await pass(2);
    await clusterApi.delete(namespaces, { name: 'default' }, {});
    store.revision += 1;
    await pass(1);
    await end();
    assert.ok(await clusterApi.get(namespaces, { name: 'default' }));
  });

  it('tries again what has failed', async () => {
    const { seen, clusterApi, pass, end } = start();
    seen.fails = true;
    await pass(2);
    seen.fails = false;
    await pass(1);
    await end();
    assert.ok(seen.syncs > 3);
    assert.ok(await clusterApi.get(namespaces, { name: 'default' }));
  });

  it('takes tokens away that grow old while nothing else happens', async () => {
    const { clock, clusterApi, pass, end } = start();
    const expiresAt = new Date(clock.now() + 5 * 60_000).toISOString();
    const token = buildJoinTokenSecret({ memberName: 'n2', secretSha256: 'aa', expiresAt });
    await clusterApi.create(secrets, token);
    await pass(4);
    assert.equal((await clusterApi.list(secrets, {})).items.length, 1);
    await pass(2);
    await end();
    assert.equal((await clusterApi.list(secrets, {})).items.length, 0);
  });
});
