import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import { readPeersFile, writePeersFile } from '../../consensus/membership/peers-file.ts';
import { checkDatabase } from '../../consensus/recovery/check-database.ts';
import { isDatabaseLost, markDatabase } from '../../consensus/recovery/database-mark.ts';
import { setAside } from '../../consensus/recovery/set-aside.ts';
import { writeConfig, type MemberConfig } from '../config.ts';
import type { DataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';
import type { MemberIdentity } from '../run/member-identity.ts';
import { askStanding } from './ask-standing.ts';
import { adviseReset, ExpelledError } from './expelled-error.ts';
import { decideStart } from './judge-standing.ts';
import { askToRejoin } from './rejoin.ts';

export interface PrepareDeps {
  readonly dataDir: DataDir;
  readonly config: MemberConfig;
  readonly identity: MemberIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Before the database runs: does this member still belong to the cluster, and is its database fit to vote? One that
 * is not is moved aside and filled anew by the others, under a new id. Answers the configuration to start with.
 */
export async function prepareStart(deps: PrepareDeps): Promise<MemberConfig> {
  const { dataDir, config, identity, logger } = deps;
  const peers = await readPeersFile(dataDir.peers);
  const others = peers.filter(
    ({ id, publicKeySha256 }) => id !== config.id && publicKeySha256 !== identity.publicKeySha256,
  );
  const verdict = decideStart(await askStanding(deps, others), config.epoch ?? 1);
  if (verdict.kind === 'stay down')
    throw new ExpelledError(verdict.because, adviseReset(dataDir.root), verdict.isReleased);
  if (verdict.kind === 'start anew') return await startAnew(deps, others, verdict.because);
  const problem = await findDatabaseProblem(deps);
  if (problem === undefined) {
    await markDatabase(dataDir.root, dataDir.database, config.id);
    return await keepEpoch(deps, verdict.epoch);
  }
  logger.error({ problem, database: dataDir.database }, 'the database of this member cannot be used');
  if (others.length === 0) throw new OperatorError(explainTotalLoss(deps, problem));
  return await startAnew(deps, others, problem);
}

async function findDatabaseProblem({ dataDir, config }: PrepareDeps): Promise<string | undefined> {
  const { root, database } = dataDir;
  const check = await checkDatabase(database);
  if (check.kind === 'damaged') return `its database is damaged: ${check.problem}`;
  const isFirst = config.id === '1' && config.isNewCluster !== true;
  const isLost = check.kind === 'empty' && (isFirst || (await isDatabaseLost(root, database, config.id)));
  return isLost ? `its database is gone from ${database}` : undefined;
}

async function startAnew(deps: PrepareDeps, others: readonly Peer[], because: string): Promise<MemberConfig> {
  const { dataDir, config, clock, logger } = deps;
  logger.warn({ because }, 'this member asks the others for the database');
  const { id, epoch, peers } = await askToRejoin(deps, others);
  const { isNewCluster: _founded, ...settled } = config;
  const fresh = { ...settled, id, ...(epoch === 1 ? {} : { epoch }) };
  // The id comes last: when this is cut short, the next start asks again and gets the same one.
  const aside = await setAside(dataDir.database, clock.now());
  await writePeersFile(dataDir.peers, peers);
  await writeConfig(dataDir, fresh);
  await markDatabase(dataDir.root, dataDir.database, id);
  logger.warn({ from: config.id, to: id, setAside: aside }, 'this member begins with an empty database');
  return fresh;
}

async function keepEpoch({ dataDir, config }: PrepareDeps, epoch: number): Promise<MemberConfig> {
  if (epoch === (config.epoch ?? 1)) return config;
  const current = { ...config, epoch };
  await writeConfig(dataDir, current);
  return current;
}

function explainTotalLoss(
  { dataDir: { root }, config: { name, address } }: PrepareDeps,
  problem: string,
): string {
  return (
    `the only member of the cluster cannot start: ${problem}. Nobody else has a copy: every object of the cluster ` +
    '(instances, networks, settings, users) is lost unless there is a backup; instances that run go on running, and ' +
    `their disks are untouched. With a backup: move ${root} away, and run "musterd cluster restore FILE --data-dir ` +
    `${root} --name ${name} --address ${address}". Without one: keep ${root} as it is, and begin anew with "musterd ` +
    'init" in another directory'
  );
}
