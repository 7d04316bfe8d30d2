import assert from 'node:assert/strict';

import { silentLogger, type Logger } from '../../../src/base/logger.ts';
import { ConsensusCluster, type ConsensusMember } from '../../support/consensus-cluster.ts';
import { describeChanges, mustCommit, put, textOf } from '../../support/store-contract.ts';
import { waitUntil } from '../../support/wait-until.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(10_000);

interface Attachment {
  readonly at: string;
  readonly member: string;
  readonly isHub: boolean;
}

/** Notes which member serves which, as the members log it. */
function noteAttachments(attachments: Attachment[], at = ''): Logger {
  return {
    ...silentLogger,
    debug(fields: { readonly member?: string }, message: string) {
      const isHub = message === 'a member follows through this one';
      if (!isHub && message !== 'a member follows') return;
      attachments.push({ at, member: fields.member ?? '', isHub });
    },
    child: (fields: { readonly member?: string }) => noteAttachments(attachments, fields.member ?? at),
  };
}

describe('consensus/peer, members without a replica', function () {
  this.timeout(60_000);
  const attachments: Attachment[] = [];
  let cluster: ConsensusCluster;
  let spares: readonly ConsensusMember[];

  before(async () => {
    const timing = { directSpares: 0, leaderPatienceMs: 3_000 };
    cluster = await ConsensusCluster.start(3, timing, noteAttachments(attachments));
    await cluster.promoteAll();
    spares = [await cluster.join(), await cluster.join()];
    await Promise.all(spares.map((spare) => attachToHub(spare)));
  });

  after(() => cluster.close());

  /** The leader hears of a new role within a second or two; a spare that came before that follows it directly. */
  const attachToHub = (spare: ConsensusMember): Promise<void> =>
    waitUntil(async () => {
      await spare.consensus.store.readBarrier(deadline());
      if (hubOf(spare) !== undefined) return;
      await spare.stop();
      await spare.restart();
      assert.fail(`${spare.self.name} follows no hub yet`);
    });

  const hubOf = (spare: ConsensusMember): string | undefined =>
    attachments.findLast(({ member, isHub }) => isHub && member === spare.self.name)?.at;

  it('follow a member that holds one, in place of the leader', async () => {
    const leader = await cluster.leader();
    for (const spare of spares) {
      const hub = hubOf(spare);
      assert.notEqual(hub, undefined);
      assert.notEqual(hub, leader.self.name);
      const last = attachments.findLast(({ member }) => member === spare.self.name);
      assert.equal(last?.isHub, true);
    }
  });

  it('write, read and watch as all others do', async () => {
    const [spare, other] = spares;
    const leader = await cluster.leader();
    assert.ok(spare !== undefined && other !== undefined);
    const seen: string[] = [];
    const note = (_revision: number, changes: Parameters<typeof describeChanges>[0]): void => {
      seen.push(...describeChanges(changes));
    };
    const { store } = other.consensus;
    store.watch('/hub/', store.revision, note, () => undefined);
    for (let round = 0; round < 10; round += 1) {
      await mustCommit(spare.consensus.store, [put('/hub/a', String(round))]);
      await leader.consensus.store.readBarrier(deadline());
      assert.equal(textOf(leader.consensus.store, '/hub/a'), String(round));
      await other.consensus.store.readBarrier(deadline());
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 10 }, (_, round) => `+/hub/a=${round}`),
    );
  });

  it('are known to the leader to be alive', async () => {
    const leader = await cluster.leader();
    await waitUntil(() => {
      const heard = leader.consensus.membership.lastHeard();
      for (const { self } of spares) assert.ok((heard.get(self.name) ?? Infinity) < 5_000);
    });
  });

  it('go on and lose nothing when their hub stops, and when the leader does', async () => {
    const [spare] = spares;
    assert.ok(spare);
    const { store } = spare.consensus;
    const written: string[] = [];
    const write = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        const key = `/loss/${written.length}`;
        await mustCommit(store, [put(key, 'x')], [{ key, revision: 0 }]);
        written.push(key);
      }
    };
    await write(5);
    const hub = cluster.members.find(({ self }) => self.name === hubOf(spare));
    const writing = write(30);
    await hub?.stop();
    await writing;
    await hub?.restart();
    await hub?.consensus.store.readBarrier(deadline());
    const leader = await cluster.leader();
    const more = write(30);
    process.kill(leader.consensus.helperPid ?? 0, 'SIGKILL');
    await more;
    for (const { consensus } of cluster.members) {
      await consensus.store.readBarrier(deadline());
      assert.deepEqual(
        written.filter((key) => consensus.store.get(key) === undefined),
        [],
      );
      assert.equal(consensus.store.range('/loss/').entries.length, written.length);
    }
  });
});
