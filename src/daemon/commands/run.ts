import { systemClock } from '../../base/clock.ts';
import { createLogger, type Logger, type LogLevel } from '../../base/logger.ts';
import type { DriverFamily } from '../../hostagent/host.ts';
import { requireConfig } from '../config.ts';
import { describeDataDir, type DataDir } from '../data-dir.ts';
import { lockDataDir } from '../lock.ts';
import { completeIdentity } from '../pki/complete-identity.ts';
import { adoptName } from '../rename/adopt-name.ts';
import { findOwnHeap, giveBackMemory } from '../run/give-back-memory.ts';
import { readIdentity } from '../run/member-identity.ts';
import { paceCollections } from '../run/pace-collections.ts';
import { findReleasePaths } from '../run/paths.ts';
import { startMember } from '../run/run-member.ts';
import { prepareStart } from '../standing/prepare-start.ts';
import { watchStanding } from '../standing/watch-standing.ts';
import { readFeatureLevels, readVersion } from '../version.ts';

export interface RunFlags {
  readonly dataDir: string;
  readonly manifests: readonly string[];
  readonly logLevel: LogLevel;
  readonly drivers: DriverFamily;
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** Runs the member until it is told to stop. A second signal does not wait any more. */
export async function runUntilSignal(flags: RunFlags): Promise<void> {
  const dataDir = describeDataDir(flags.dataDir);
  const { name } = await requireConfig(dataDir);
  await using _lock = await lockDataDir(dataDir);
  using _pace = paceCollections();
  const logger = createLogger({ level: flags.logLevel, name: 'musterd' });
  const stop = catchSignals(logger.child({ member: name }));
  while (await runOnce(flags, { dataDir, stop, logger })) stop.starting();
  logger.info({}, 'stopped');
}

interface Running {
  readonly dataDir: DataDir;
  readonly stop: StopRequest;
  readonly logger: Logger;
}

/** Answers whether to start all over, under another name: the instances do not notice. */
async function runOnce(flags: RunFlags, { dataDir, stop, logger: root }: Running): Promise<boolean> {
  const { manifests, drivers } = flags;
  const written = await requireConfig(dataDir);
  const version = readVersion();
  const logger = root.child({ member: written.name });
  await completeIdentity(dataDir, written.name, systemClock);
  const identity = await readIdentity(dataDir);
  const startedMs = systemClock.monotonicMs();
  logger.info({ version, dataDir: dataDir.root, address: written.address }, 'starting');
  const config = await prepareStart({ dataDir, config: written, identity, clock: systemClock, logger });
  const member = await startMember({
    ...{ dataDir, config, identity, manifests, drivers, version, logger },
    featureLevels: readFeatureLevels(),
    paths: findReleasePaths(),
    clock: systemClock,
    random: Math.random,
  });
  logger.info(
    { port: member.port, tookMs: Math.round(systemClock.monotonicMs() - startedMs) },
    'the member serves its API',
  );
  stop.started();
  const watching = new AbortController();
  const heap = findOwnHeap();
  if (heap !== undefined) void giveBackMemory(heap, { clock: systemClock, logger }, watching.signal);
  const standing = watchStanding(
    { dataDir, config, identity, clock: systemClock, random: Math.random, logger, ...member },
    watching.signal,
  );
  const ended = await Promise.race([stop.requested, standing, member.renamed]);
  watching.abort();
  if (ended === undefined) await member.leave();
  await member.stop();
  if (ended instanceof Error) throw ended;
  if (ended === undefined) return false;
  const { name } = await adoptName(dataDir, { config, identity, name: ended }, systemClock);
  logger.info({ to: name }, 'starting again under another name');
  return true;
}

interface StopRequest {
  readonly requested: Promise<undefined>;
  /** From here on a signal stops the member in order. */
  started(): void;
  /** The member starts again: a signal ends the process until it has. */
  starting(): void;
}

/** While it starts, a member has nothing to hand over: then, and at a second signal, the process just ends. */
function catchSignals(logger: Logger): StopRequest {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const state = { isOrderly: false };
  for (const name of stopSignals) {
    process.on(name, () => {
      logger.info({ signal: name, isOrderly: state.isOrderly }, 'stopping');
      if (!state.isOrderly) process.exit(1);
      state.isOrderly = false;
      resolve(undefined);
    });
  }
  return {
    requested: promise,
    started() {
      state.isOrderly = true;
    },
    starting() {
      state.isOrderly = false;
    },
  };
}
