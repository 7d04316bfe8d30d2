import { createHash } from 'node:crypto';
import { watch } from 'chokidar';
import type { KubernetesObject } from '../../api/meta.ts';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import { backoffMs, isAborted, pause, type Random } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import type { EventRecorder } from '../../runtime/record-event.ts';
import { inStep } from '../../base/in-step.ts';
import type { Logger } from '../../base/logger.ts';
import { inventoryName } from './inventory.ts';
import type { FileProblem } from './plan-directory.ts';
import { readDirectory } from './read-directory.ts';
import { syncDirectory, type ManifestSource } from './sync-directory.ts';

export interface KeepAppliedDeps {
  readonly clusterApi: ClusterApi;
  readonly events: EventRecorder;
  /** Of the store: it grows with every change of the cluster. */
  readonly revision: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

// An editor or a checkout writes many files; one look after it has come to rest is enough.
const debounceMs = 300;
// Catches what the watcher cannot see (a swapped symbolic link, a network file system) and puts back what drifted.
const recheckMs = 60_000;
const backoff = { initialMs: 500, maxMs: 30_000 };

/** Keeps the cluster equal to the files of a directory until the signal aborts. */
export async function keepApplied(
  parentDeps: KeepAppliedDeps,
  source: ManifestSource,
  signal: AbortSignal,
): Promise<void> {
  const deps = { ...parentDeps, logger: parentDeps.logger.child({ manifests: source.directory }) };
  const { clock, random } = deps;
  const changes = watchDirectory(source.directory, deps);
  const report = createReporter(deps, source);
  const settled: Settled = {};
  let failures = 0;
  try {
    while (!isAborted(signal)) {
      const isApplied = await trySync(deps, { source, report, failures, settled }, signal);
      failures = isApplied ? 0 : failures + 1;
      await changes.wait(
        failures === 0 ? inStep(clock, recheckMs) : backoffMs(backoff, failures, random),
        signal,
      );
    }
  } finally {
    await changes.close();
  }
}

interface Attempt {
  readonly source: ManifestSource;
  readonly report: Reporter;
  readonly failures: number;
  readonly settled: Settled;
}

/** When everything was last found applied. */
interface Settled {
  digest?: string;
  revision?: number | undefined;
}

async function trySync(
  { clusterApi, logger, revision }: KeepAppliedDeps,
  { source, report, failures, settled }: Attempt,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    // Read first: what is written meanwhile, and be it by ourselves, is compared the next time.
    const before = revision();
    const files = await readDirectory(source.directory);
    const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex');
    // To compare every object once a minute would be much of what a member at rest does.
    if (before === settled.revision && digest === settled.digest) return true;
    const { problems, inventory } = await syncDirectory({ clusterApi, logger }, { ...source, files }, signal);
    report(problems, inventory);
    settled.digest = digest;
    settled.revision = problems.length === 0 ? before : undefined;
    return problems.length === 0;
  } catch (error) {
    if (isAborted(signal)) return true;
    // While the member starts, or has no quorum, a few failures are normal.
    const log = failures === 4 ? 'warn' : 'debug';
    logger[log]({ reason: describeError(error) }, 'the manifests cannot be applied now, trying again');
    return false;
  }
}

interface DirectoryChanges {
  /** Resolves after the time, or sooner: shortly after a change, also one that came since the last call. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

function watchDirectory(directory: string, { clock, logger }: KeepAppliedDeps): DirectoryChanges {
  const state = { isChanged: false, waiting: new AbortController() };
  const watcher = watch(directory, { ignoreInitial: true, persistent: false })
    .on('all', () => {
      state.isChanged = true;
      state.waiting.abort();
    })
    .on('error', (error) => {
      logger.warn({ reason: describeError(error) }, 'watching the manifests failed; looking once a minute');
    });
  return {
    async wait(ms, signal) {
      state.waiting = new AbortController();
      if (!state.isChanged) await pause(clock, ms, AbortSignal.any([signal, state.waiting.signal]));
      if (!state.isChanged) return;
      await pause(clock, debounceMs, signal);
      state.isChanged = false;
    },
    close: () => watcher.close(),
  };
}

type Reporter = (problems: readonly FileProblem[], inventory: KubernetesObject) => void;

/** Says each problem once, and once that it is over; an Event besides the log, for who only sees the API. */
function createReporter(
  { events, logger }: Pick<KeepAppliedDeps, 'events' | 'logger'>,
  source: ManifestSource,
): Reporter {
  let told = new Set<string>();
  return (problems, inventory) => {
    const about = {
      ...inventory,
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...inventory.metadata, ...inventoryName(source.id) },
    };
    const now = new Set<string>();
    for (const { file, line, problem } of problems) {
      const place = line === undefined ? file : `${file}:${line}`;
      const message = `${place}: ${problem}`;
      now.add(message);
      if (told.has(message)) continue;
      logger.warn({ file, line, problem }, 'a manifest is not applied');
      events.record(about, 'Warning', 'ManifestNotApplied', message);
    }
    if (told.size > 0 && now.size === 0) logger.info({}, 'all manifests are applied again');
    told = now;
  };
}
