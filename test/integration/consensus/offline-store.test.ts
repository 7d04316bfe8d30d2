import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { makeSoleVoter } from '../../../src/consensus/engine/rewrite-configuration.ts';
import { checkDatabase } from '../../../src/consensus/recovery/check-database.ts';
import { withOfflineStore } from '../../../src/consensus/recovery/offline-store.ts';
import { readLogSummary } from '../../../src/consensus/recovery/read-log.ts';
import { ConsensusCluster } from '../../support/consensus-cluster.ts';
import { helperPath } from '../../support/engine-cluster.ts';

describe('consensus/recovery/offline-store', function () {
  this.timeout(60_000);
  const soon = (): AbortSignal => AbortSignal.timeout(10_000);
  const base = { helperPath, clock: systemClock, logger: silentLogger };
  const put = (key: string, text: string) => ({ kind: 'put' as const, key, value: Buffer.from(text) });

  it('takes over the log of a member under another id, and begins anew above all revisions', async () => {
    const cluster = await ConsensusCluster.start(1);
    try {
      const member = await cluster.leader();
      const { store } = member.consensus;
      const write = (...operations: Parameters<typeof store.commit>[0]['operations']) =>
        store.commit({ conditions: [], operations }, soon());
      for (let index = 0; index < 50; index += 1)
        await write(put('/a', String(index)), put(`/n/${index}`, 'x'));
      await write({ kind: 'delete', key: '/n/7' });
      const { revision } = store;
      await member.stop();

      const directory = path.join(member.dataDir, 'dqlite');
      assert.deepEqual(await checkDatabase(directory), { kind: 'sound' });
      const before = await readLogSummary(directory);
      assert.deepEqual(before.configuration, [{ id: '1', address: 'member:1', role: 'voter' }]);
      await makeSoleVoter({ helperPath, directory, id: '77' });
      const after = await readLogSummary(directory);
      assert.deepEqual(after.configuration, [{ id: '77', address: 'member:77', role: 'voter' }]);

      const offline = { ...base, directory, id: '77' };
      const begun = await withOfflineStore(offline, async ({ state, beginAnew }) => {
        assert.equal(state.revision, revision);
        return await beginAnew([put('/a', 'new')]);
      });
      assert(begun > revision);
      await withOfflineStore(offline, ({ state }) => {
        assert.equal(state.revision, begun);
        assert.equal(state.compactedRevision, begun);
        assert.equal(Buffer.from(state.get('/a')?.value ?? []).toString(), 'new');
        assert.equal(state.get('/n/7'), undefined);
        assert.equal(state.range('/n/').entries.length, 49);
        return Promise.resolve();
      });
    } finally {
      await cluster.close();
    }
  });

  it('fills an empty directory', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'muster-offline-test-'));
    try {
      const offline = { ...base, directory: path.join(root, 'dqlite'), id: '1' };
      const entries = Array.from({ length: 300 }, (_, index) => ({
        key: `/k/${index}`,
        revision: 10 + Math.floor(index / 2),
        value: Buffer.alloc(5_000, index),
      }));
      await withOfflineStore(offline, async ({ load, beginAnew }) => {
        await load(entries);
        await beginAnew([put('/epoch', '2')]);
      });
      await withOfflineStore(offline, ({ state }) => {
        const stored = state.range('/k/').entries;
        assert.equal(stored.length, entries.length);
        for (const { key, revision, value } of entries) {
          const entry = state.get(key);
          assert.equal(entry?.revision, revision);
          assert.deepEqual(Buffer.from(entry.value), value);
        }
        return Promise.resolve();
      });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
