import { ConsensusCluster } from '../../support/consensus-cluster.ts';
import {
  crashDuringCompaction,
  crashOfSingleMember,
  crashUnderLoad,
  snapshotUnderLoad,
} from './crash-scenarios.ts';
import { readsAcrossLeaderChange, readsAcrossPause } from './read-scenarios.ts';
import { starvedWatcher } from './slow-watch-scenario.ts';
import {
  deletionAtBoundary,
  deletionAtBoundaryAfterRestart,
  progressInStep,
  resumeOnLaggingMember,
  transactionOnce,
  watchFromTheFuture,
} from './watch-scenarios.ts';

interface Row {
  /** The issue, or the pull request that repaired it, of etcd. */
  readonly issue: string;
  readonly promise: string;
  /** Scenarios that need no cluster of three ignore it. */
  readonly run: (cluster: ConsensusCluster) => Promise<void>;
}

/*
 * The correctness bugs that etcd had and tells of. These cannot exist here:
 * - 14571, enabling authentication made members differ: the store knows no users; RBAC objects are keys like any other.
 * - 14685, a crash while defragmenting: nothing rewrites the database in place. dqlite's snapshots are files of their
 *   own, which count only once they are complete; kill -9 at any time is part of the long run.
 * - 18667, a transaction that read a compacted revision was applied on some members only: a transaction reads nothing,
 *   and is decided in one place before it is in the log.
 * - 20615, a lease was renewed after it was revoked: the store has no leases.
 */
const rows: readonly Row[] = [
  { issue: '13766', promise: 'agrees after crashes under load', run: crashUnderLoad },
  { issue: '14370', promise: 'loses no write of a single member in a crash', run: crashOfSingleMember },
  { issue: '15220', promise: 'never announces progress ahead of changes', run: progressInStep },
  { issue: '15271', promise: 'does not go back in time on a member that lags', run: resumeOnLaggingMember },
  { issue: '17247', promise: 'shows each change of a transaction once', run: transactionOnce },
  { issue: '17529', promise: 'loses nothing for a watcher that does not read', run: starvedWatcher },
  { issue: '17780', promise: 'never lowers the revision after a compaction', run: crashDuringCompaction },
  { issue: '18089', promise: 'keeps a deletion at the boundary of a compaction', run: deletionAtBoundary },
  { issue: '19179', promise: 'keeps it over a restart too', run: deletionAtBoundaryAfterRestart },
  { issue: '20221', promise: 'sends nothing old to a watch from the future', run: watchFromTheFuture },
  { issue: '20418', promise: 'reads nothing stale after a pause', run: readsAcrossPause },
  { issue: '21378', promise: 'reads nothing stale while the leader changes', run: readsAcrossLeaderChange },
  { issue: '20650', promise: 'takes over a snapshot while it changes', run: snapshotUnderLoad },
];

describe('consensus: bugs that etcd had', function () {
  this.timeout(60_000);
  let cluster: ConsensusCluster;

  before(async () => {
    cluster = await ConsensusCluster.start(3);
    await cluster.promoteAll();
  });

  after(() => cluster.close());

  for (const { issue, promise, run } of rows) {
    it(`${issue}: ${promise}`, () => run(cluster));
  }
});
