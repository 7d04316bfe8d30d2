import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isConsensusError } from '../../../src/consensus/consensus-error.ts';
import { silentLogger, type Logger } from '../../../src/base/logger.ts';
import { ConsensusCluster, type ConsensusMember } from '../../support/consensus-cluster.ts';
import { mustCommit, put, textOf } from '../../support/store-contract.ts';

// An answer comes after 4 s at the latest; the rest is for a busy machine.
const answerLimit = (): AbortSignal => AbortSignal.timeout(10_000);

describe('consensus, timing', function () {
  this.timeout(60_000);
  const warnings: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (_fields: object, message: string) => warnings.push(message),
    error: (_fields: object, message: string) => warnings.push(message),
    child: () => logger,
  };
  const stopped = new Set<number>();
  let cluster: ConsensusCluster;

  before(async () => {
    cluster = await ConsensusCluster.start(3, {}, logger);
    await cluster.promoteAll();
  });

  afterEach(() => {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    stopped.clear();
  });

  after(() => cluster.close());

  /** The node stands still and its connections stay, as when a disk hangs or a host is cut off. */
  function freeze({ consensus }: ConsensusMember): void {
    const pid = consensus.helperPid;
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGSTOP');
    stopped.add(pid);
  }

  it('writes nothing while nobody asks for anything', async () => {
    await Promise.all(cluster.members.map(({ consensus }) => consensus.store.readBarrier(answerLimit())));
    await delay(500); // the last entry reaches the disks of the followers
    const before = await Promise.all(cluster.members.map(readDatabaseFiles));
    const { revision } = (await cluster.leader()).consensus.store;
    await delay(3_000);
    assert.deepEqual(await Promise.all(cluster.members.map(readDatabaseFiles)), before);
    assert.equal((await cluster.leader()).consensus.store.revision, revision);
  });

  it('goes on without a leader whose node stands still, also on the member of that leader', async () => {
    const leader = await cluster.leader();
    await mustCommit(leader.consensus.store, [put('/frozen', 'before')]);
    freeze(leader);
    const others = cluster.members.filter((member) => member !== leader);
    for (const [index, { consensus }] of [...others, leader].entries()) {
      const key = `/frozen/${index}`;
      const write = { conditions: [{ key, revision: 0 }], operations: [put(key, 'x')] };
      assert.equal((await consensus.store.commit(write, answerLimit())).kind, 'committed');
    }
    for (const { consensus } of cluster.members) {
      await consensus.store.readBarrier(answerLimit());
      assert.equal(consensus.store.range('/frozen/').entries.length, 3);
    }
  });

  it('beats seldom at rest, and still goes on without a leader whose node stands still', async () => {
    const leader = await cluster.leader();
    const others = cluster.members.filter((member) => member !== leader);
    await mustCommit(leader.consensus.store, [put('/rest', 'before')]);
    await delay(500);
    const awake = await countWakes(leader);
    await delay(3_000);
    const atRest = await countWakes(leader);
    assert.ok(atRest * 2 < awake, `${atRest} wake-ups at rest, ${awake} before`);
    freeze(leader);
    for (const { consensus } of others) await mustCommit(consensus.store, [put('/rest', 'after')]);
  });

  it('refuses in time on every member when no majority answers, and reads its cache', async () => {
    const leader = await cluster.leader();
    await mustCommit(leader.consensus.store, [put('/minority', '1')]);
    await Promise.all(cluster.members.map(({ consensus }) => consensus.store.readBarrier(answerLimit())));
    for (const member of cluster.members) if (member !== leader) freeze(member);
    const isRefusal = (error: unknown): boolean =>
      (['NoQuorum', 'Unknown', 'NotLeader'] as const).some((code) => isConsensusError(error, code));
    await Promise.all(
      cluster.members.map(async ({ consensus: { store } }) => {
        const write = { conditions: [], operations: [put('/minority', '2')] };
        await assert.rejects(store.commit(write, answerLimit()), isRefusal);
        await assert.rejects(store.readBarrier(answerLimit()), isRefusal);
        assert.equal(textOf(store, '/minority'), '1');
      }),
    );
  });

  it('stops all members at once without a complaint', async () => {
    await cluster.leader();
    await mustCommit((await cluster.leader()).consensus.store, [put('/last', 'x')]);
    warnings.length = 0;
    await Promise.all(cluster.members.map((member) => member.stop()));
    assert.deepEqual(warnings, []);
  });
});

/** How often the threads of its node were woken within three seconds. */
async function countWakes({ consensus }: ConsensusMember): Promise<number> {
  const before = await readSwitches(consensus.helperPid);
  await delay(3_000);
  return (await readSwitches(consensus.helperPid)) - before;
}

async function readSwitches(pid: number | undefined): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const counts = threads.map(async (thread) => {
    const status = await readFile(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Name, size and time of the last write of each file of the database. */
async function readDatabaseFiles({ dataDir }: ConsensusMember): Promise<readonly string[]> {
  const directory = path.join(dataDir, 'dqlite');
  const names = (await readdir(directory)).toSorted();
  const files = names.map(async (name) => {
    const { size, mtimeMs } = await stat(path.join(directory, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return await Promise.all(files);
}
