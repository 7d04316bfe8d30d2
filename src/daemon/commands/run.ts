import { systemClock } from '../../base/clock.ts';
import { createLogger, type Logger, type LogLevel } from '../../base/logger.ts';
import type { DriverFamily } from '../../hostagent/host.ts';
import { requireConfig } from '../config.ts';
import { describeDataDir } from '../data-dir.ts';
import { lockDataDir } from '../lock.ts';
import { readIdentity } from '../run/member-identity.ts';
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
  const { manifests, logLevel, drivers } = flags;
  const dataDir = describeDataDir(flags.dataDir);
  const written = await requireConfig(dataDir);
  await using _lock = await lockDataDir(dataDir);
  const version = readVersion();
  const logger = createLogger({ level: logLevel, name: 'musterd' }).child({ member: written.name });
  const identity = await readIdentity(dataDir);
  const startedMs = systemClock.monotonicMs();
  const stop = catchSignals(logger);
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
  const standing = watchStanding(
    { dataDir, config, identity, clock: systemClock, random: Math.random, logger, ...member },
    watching.signal,
  );
  const expelled = await Promise.race([stop.requested, standing]);
  watching.abort();
  await member.stop();
  if (expelled !== undefined) throw expelled;
  logger.info({}, 'stopped');
}

interface StopRequest {
  readonly requested: Promise<undefined>;
  /** From here on a signal stops the member in order. */
  started(): void;
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
  };
}
