import { findCondition, setCondition } from '../../api/conditions.ts';
import type { Member } from '../../api/generated/member.ts';
import { members } from '../../api/generated/resources.ts';
import type { Condition } from '../../api/meta.ts';
import { renameAnnotation } from '../../api/names.ts';
import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { PeerDirectory } from '../../consensus/membership/membership.ts';
import type { Store } from '../../consensus/store/store.ts';
import { isAborted, pause } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { commit } from '../../runtime/commit.ts';
import { followChanges } from '../../runtime/follow-changes.ts';
import type { Informer } from '../../runtime/informer.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { planRename } from './plan-rename.ts';

export interface KeepNameDeps {
  readonly store: Pick<Store, 'commit' | 'get' | 'range' | 'readBarrier'>;
  readonly peers: PeerDirectory;
  /** Of this member, or of all. */
  readonly members: Informer<Member>;
  /** Speaks for the cluster: it changes more of the Member than its status. */
  readonly clusterApi: Pick<ClusterApi, 'get' | 'mergePatch'>;
  /** Ends everything that acts under the old name, above all what tends this host. */
  readonly stopWork: () => Promise<void>;
  /** The Raft id and the name with which this member was started. */
  readonly self: { readonly id: string; readonly name: string };
  readonly clock: Clock;
  readonly logger: Logger;
}

const fieldManager = 'muster-rename';
const retryMs = 1_000;
const lookEveryMs = 60_000;
const barrierLimitMs = 5_000;
const commitLimitMs = 15_000;
const mostConflicts = 20;

/**
 * Watches for a wish to rename this member, and carries it out. Resolves with the name under which the member has to
 * be started again, its work being stopped; with undefined at the abort.
 */
export async function keepName(deps: KeepNameDeps, signal: AbortSignal): Promise<string | undefined> {
  const { peers, members: informer, self, clock, logger, stopWork } = deps;
  const changes = followChanges([peers, informer], clock);
  try {
    while (!isAborted(signal)) {
      // Renamed, and cut short before it wrote the name down.
      const known = peers.findById(self.id)?.name ?? self.name;
      if (known !== self.name) {
        logger.warn({ from: self.name, to: known }, 'the cluster knows this member by another name');
        await stopWork();
        return known;
      }
      const own = informer.get(self.name);
      const isConfirmed = await confirm(deps, own, signal);
      const wish = own?.metadata.annotations?.[renameAnnotation];
      if (wish !== undefined && (await prepare(deps, wish, signal))) {
        await stopWork();
        return await carryOut(deps, wish, signal);
      }
      await changes.wait(isConfirmed && wish === undefined ? lookEveryMs : retryMs, signal);
    }
    return undefined;
  } finally {
    changes.close();
  }
}

/** Tells who waits for it that this member has started under its new name; answers whether nothing is left to tell. */
async function confirm(deps: KeepNameDeps, own: Member | undefined, signal: AbortSignal): Promise<boolean> {
  const renaming = findCondition(own?.status, 'Renamed');
  if (own === undefined || renaming?.status !== 'Unknown') return true;
  const message = renaming.message.replace(/, .*/, ' before');
  try {
    await say(deps, own, { status: 'True', reason: 'Renamed', message }, signal);
    return true;
  } catch (error) {
    // Read anew at the next look, which is a second away.
    deps.logger.debug({ reason: describeError(error) }, 'the new name could not be confirmed yet');
    return false;
  }
}

/** Before anything is stopped: can the name be had, and would the store take it now? */
async function prepare(deps: KeepNameDeps, wish: string, parent: AbortSignal): Promise<boolean> {
  const { store, self, clock, logger } = deps;
  try {
    using deadline = createDeadline(clock, barrierLimitMs, 'reading the names of the cluster', parent);
    await store.readBarrier(deadline.signal);
    const plan = planRename(store, { id: self.id, from: self.name, to: wish, nowMs: clock.now() });
    const problem = findNameProblem(wish) ?? ('problem' in plan ? plan.problem : undefined);
    if (problem === undefined) return true;
    await refuse(deps, wish, problem, deadline.signal);
  } catch (error) {
    if (isAborted(parent)) return false;
    logger.warn(
      { to: wish, reason: describeError(error) },
      'this member cannot be renamed now, trying again',
    );
    await pause(clock, retryMs, parent);
  }
  return false;
}

/** Answers the name that holds afterwards. */
async function carryOut(deps: KeepNameDeps, wish: string, parent: AbortSignal): Promise<string> {
  const { store, self, peers, clock, logger } = deps;
  using deadline = createDeadline(clock, commitLimitMs, `renaming member ${self.name} to ${wish}`, parent);
  const { signal } = deadline;
  try {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      await store.readBarrier(signal);
      const plan = planRename(store, { id: self.id, from: self.name, to: wish, nowMs: clock.now() });
      if ('problem' in plan) {
        await refuse(deps, wish, plan.problem, signal);
        return self.name;
      }
      const { kind } = await store.commit(plan, signal);
      if (kind === 'conflict') continue;
      const changes = plan.operations.length;
      logger.info({ from: self.name, to: wish, changes }, 'this member has a new name');
      return wish;
    }
    throw new Error(`other writes came in between ${mostConflicts} times`);
  } catch (error) {
    // An outcome that is not known shows in the directory, here or after the restart.
    const known = peers.findById(self.id)?.name ?? self.name;
    const fields = { from: self.name, to: wish, known, reason: describeError(error) };
    logger.error(fields, 'renaming this member failed, it goes on');
    return known;
  }
}

/** Takes the wish away, so that it is not tried for ever, and says on the Member why. */
async function refuse(deps: KeepNameDeps, wish: string, problem: string, signal: AbortSignal): Promise<void> {
  const { clusterApi, self, logger } = deps;
  logger.warn({ to: wish, problem }, 'this member is not renamed');
  const annotations = { [renameAnnotation]: null };
  const metadata = { annotations };
  const stored = await clusterApi.mergePatch(
    members,
    { name: self.name },
    { metadata },
    { fieldManager },
    signal,
  );
  const message = `it cannot be renamed to "${wish}": ${problem}`;
  await say(deps, stored, { status: 'False', reason: 'Refused', message }, signal);
}

async function say(
  { clusterApi, clock }: KeepNameDeps,
  stored: Member,
  saying: Pick<Condition, 'message' | 'reason' | 'status'>,
  signal: AbortSignal,
): Promise<void> {
  const draft = structuredClone(stored);
  setCondition((draft.status ??= {}), { type: 'Renamed', ...saying }, clock.now());
  await commit(clusterApi, { resource: members, stored, draft, fieldManager }, signal);
}
