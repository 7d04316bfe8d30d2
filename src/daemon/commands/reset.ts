import { load } from 'js-yaml';
import { systemClock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { createLogger, type Logger, type LogLevel } from '../../base/logger.ts';
import { createCommandBroker } from '../../hostagent/exec/command-broker.ts';
import { createHost, type DriverFamily, type Host, type HostDeps } from '../../hostagent/host.ts';
import { resetHost } from '../../hostagent/reset-host.ts';
import { clearDataDir, describeDataDir, type DataDir } from '../data-dir.ts';
import { lockDataDir } from '../lock.ts';
import { OperatorError } from '../operator-error.ts';
import { askStanding } from '../standing/ask-standing.ts';
import { ExpelledError } from '../standing/expelled-error.ts';
import { decideStart } from '../standing/judge-standing.ts';
import { tell } from '../tell.ts';
import { withStoppedMember, type StoppedMember } from './cluster/stopped-member.ts';

export interface ResetFlags {
  readonly dataDir: string;
  readonly logLevel: LogLevel;
  readonly drivers: DriverFamily;
}

const resetLimitMs = 300_000;

/** After a removal in order: nothing here is of use to anybody, and the host is to be as it was before it joined. */
export async function resetReleased(flags: ResetFlags, expelled: ExpelledError): Promise<Error> {
  const dataDir = describeDataDir(flags.dataDir);
  const logger = createLogger({ level: flags.logLevel, name: 'musterd' }).child({ part: 'reset' });
  try {
    await using _lock = await lockDataDir(dataDir);
    await reset(dataDir, { ...flags, mayRemoveInstances: false, logger });
  } catch (error) {
    logger.error({ reason: describeError(error) }, 'this host could not be made clean');
    return expelled;
  }
  const advice =
    'This host is clean again, and can join with a new token ("muster cluster add NAME" there, "musterd join" here)';
  return new ExpelledError(expelled.because, advice);
}

/** What a person asks for: after a forced removal, or to be rid of the last member of a cluster. */
export async function resetMember(flags: ResetFlags & { readonly yes?: true }): Promise<void> {
  await withStoppedMember(flags.dataDir, async (member) => {
    const { dataDir, config, logger } = member;
    const consequence = await judgeReset(member);
    const what = `${dataDir.root} with the member ${config.name}, its instances, their disks and its images`;
    if (flags.yes !== true) {
      throw new OperatorError(`this would remove ${what}; ${consequence}. Say --yes to do it`);
    }
    tell(`removing ${what}; ${consequence}`);
    await reset(dataDir, { ...flags, mayRemoveInstances: true, logger });
    tell('this host is clean');
  });
}

/** Completes "…; ". Refuses where the cluster counts on this member. */
async function judgeReset({ config, identity, peers, logger }: StoppedMember): Promise<string> {
  const others = peers.filter(({ id }) => id !== config.id);
  if (others.length === 0) return `it is the only member, so the cluster ${config.clusterId} is lost with it`;
  const answers = await askStanding({ config, identity, logger }, others);
  const verdict = decideStart(answers, config.epoch ?? 1);
  if (verdict.kind === 'stay down') return verdict.because;
  if (answers.length === 0)
    return 'no other member of the cluster answers whether it still counts on this one';
  throw new OperatorError(
    `${config.name} is a member of its cluster; remove it there first: "muster cluster remove ${config.name}"`,
  );
}

interface ResetDeps extends ResetFlags {
  readonly mayRemoveInstances: boolean;
  readonly logger: Logger;
}

async function reset(dataDir: DataDir, { drivers, mayRemoveInstances, logger }: ResetDeps): Promise<void> {
  const broker = createCommandBroker(logger);
  try {
    const host = await openHost(drivers, {
      ...{ commands: broker, clock: systemClock, dataDir: dataDir.root },
      parseYaml: (text) => load(text),
    });
    const options = { host, mayRemoveInstances, clock: systemClock, logger };
    await resetHost(options, AbortSignal.timeout(resetLimitMs));
  } finally {
    broker.close();
  }
  const left = await clearDataDir(dataDir);
  if (left.length === 0) return;
  logger.warn({ left, dataDir: dataDir.root }, 'what others put there is left');
}

async function openHost(drivers: DriverFamily, deps: HostDeps): Promise<Host> {
  if (drivers === 'real') return createHost(deps);
  const { createSimHost } = await import('../../hostagent/sim/create-sim-host.ts');
  return createSimHost(deps);
}
