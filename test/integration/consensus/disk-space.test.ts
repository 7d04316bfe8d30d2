import assert from 'node:assert/strict';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import type { DiskLevel } from '../../../src/consensus/space/disk-level.ts';
import type { Transaction } from '../../../src/consensus/store/store.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { ConsensusCluster, type ConsensusMember } from '../../support/consensus-cluster.ts';
import { eventually } from '../../support/eventually.ts';
import { fillDisk, freeDisk, mountSmallDisk } from '../../support/small-disk.ts';

const diskMebibytes = 240;
const limitMs = 30_000;
const fullReserveBytes = 32 * 1024 * 1024;

describe('consensus: disks that run full', function () {
  this.timeout(120_000);
  const started: { cluster?: ConsensusCluster } = {};
  const get = (): ConsensusCluster => {
    assert(started.cluster !== undefined, 'the cluster has not started');
    return started.cluster;
  };

  before(async () => {
    const mount = (directory: string): Promise<() => Promise<void>> =>
      mountSmallDisk(directory, diskMebibytes);
    started.cluster = await ConsensusCluster.start(3, {}, silentLogger, mount);
    await get().promoteAll();
    await waitForReserves();
  });
  after(async () => {
    await started.cluster?.close();
  });
  afterEach(async () => {
    for (const { dataDir } of get().members) await freeDisk(dataDir);
    await eventually('room everywhere', limitMs, async () => {
      await Promise.resolve();
      for (const member of get().members) assert.equal(levelOf(member), 'ok', member.self.name);
    });
    await eventually('a create that is taken', limitMs, () => write('after'));
    await waitForReserves();
  });

  const waitForReserves = (): Promise<void> =>
    eventually('room that is set aside everywhere', limitMs, async () => {
      await Promise.resolve();
      for (const { consensus } of get().members)
        assert.equal(consensus.disk.report.reserveBytes, fullReserveBytes);
    });
  const commit = async (transaction: Omit<Transaction, 'conditions'>): Promise<void> => {
    const { store } = (await get().leader()).consensus;
    const result = await store.commit({ conditions: [], ...transaction }, AbortSignal.timeout(5_000));
    assert.equal(result.kind, 'committed');
  };
  const write = (key: string, bytes = 100): Promise<void> =>
    commit({ operations: [{ kind: 'put', key: `/test/${key}`, value: Buffer.alloc(bytes, 'x') }] });
  const remove = (key: string): Promise<void> =>
    commit({ operations: [{ kind: 'delete', key: `/test/${key}` }] });
  const fill = async (members: readonly ConsensusMember[], leaveMebibytes: number): Promise<void> => {
    for (const { dataDir } of members) await fillDisk(dataDir, leaveMebibytes);
  };
  const noSpace = (error: unknown): boolean => isConsensusError(error, 'NoSpace');
  const refusesCreates = (): Promise<void> =>
    eventually('a create that is refused', limitMs, () =>
      assert.rejects(write(`new-${Math.random()}`), noSpace),
    );

  it('goes on while the disk of a follower is full, and takes it in again', async () => {
    const follower = await get().follower();
    await fill([follower], 0);
    await eventually('a full disk', limitMs, async () => {
      await Promise.resolve();
      assert.equal(levelOf(follower), 'full');
    });
    for (let number = 1; number <= 60; number += 1) await write(`big-${number}`, 400_000);
    assert.notEqual(await get().leader(), follower);
    for (let number = 1; number <= 60; number += 1) await remove(`big-${number}`);
    await freeDisk(follower.dataDir);
    const { revision } = (await get().leader()).consensus.store;
    await follower.consensus.store.waitForRevision(revision, AbortSignal.timeout(limitMs));
  });

  it('lets a member lead whose disk has room', async () => {
    const former = await get().leader();
    await fill([former], 50);
    await eventually('another leader', limitMs, async () => {
      assert.notEqual((await get().leader()).self.name, former.self.name);
    });
    await eventually('a create that is taken', limitMs, () => write('elsewhere'));
  });

  it('refuses what grows while a majority has little room, and takes it again when it has', async () => {
    await write('old', 5_000);
    const [first, second] = get().members;
    assert(first !== undefined && second !== undefined);
    await fill([first, second], 50);
    await refusesCreates();
    await assert.rejects(write('old', 9_000), noSpace);
    await write('old', 5_100);
    await commit({
      operations: [{ kind: 'put', key: '/test/leaving', value: Buffer.alloc(10) }],
      isRemoval: true,
    });
    await remove('old');
    await freeDisk(first.dataDir);
    await eventually('a create that is taken', limitMs, () => write('new'));
  });

  it('still deletes when no byte is left on any disk', async () => {
    for (let number = 1; number <= 40; number += 1) await write(`many-${number}`, 1_000);
    await fill(get().members, 0);
    await refusesCreates();
    await eventually('an update that is refused', limitMs, () =>
      assert.rejects(write('many-1', 1_000), noSpace),
    );
    for (let number = 1; number <= 40; number += 1) await remove(`many-${number}`);
    // Far more than the segments that were prepared while there was room: it has to come out of the reserve.
    const marked = Buffer.alloc(400_000, 'x');
    for (let number = 1; number <= 75; number += 1) {
      const operations = [{ kind: 'put', key: '/test/leaving', value: marked } as const];
      await commit({ operations, isRemoval: true });
    }
    await remove('leaving');
    for (const { consensus } of get().members) {
      assert(consensus.disk.report.reserveBytes < fullReserveBytes);
    }
    const { store } = (await get().follower()).consensus;
    await store.readBarrier(AbortSignal.timeout(5_000));
    assert.equal(store.range('/test/many-').entries.length, 0);
  });
});

function levelOf({ consensus }: ConsensusMember): DiskLevel {
  return consensus.disk.report.level;
}
