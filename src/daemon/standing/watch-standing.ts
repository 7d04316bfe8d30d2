import type { Clock } from '../../base/clock.ts';
import { inStep } from '../../base/in-step.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import type { LeadershipView } from '../../consensus/store/store.ts';
import { isAborted, pause } from '../../runtime/backoff.ts';
import { followChanges, type Changes } from '../../runtime/follow-changes.ts';
import type { DataDir } from '../data-dir.ts';
import { OperatorError } from '../operator-error.ts';
import { askStanding, type AskDeps } from './ask-standing.ts';
import { adviseReset, ExpelledError } from './expelled-error.ts';
import { decideStart } from './judge-standing.ts';

export interface WatchDeps extends AskDeps {
  readonly dataDir: DataDir;
  readonly leadership: Pick<LeadershipView, 'leader' | 'subscribe'>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly random: () => number;
}

const lookEveryMs = 2_000;
const ledLookMs = 60_000; // the loss of a leader is told
const quietLooks = 2; // an election is over by then
// Any member may judge. All of them are without a leader now, and asked by each of the others.
const askedALook = 3;

/**
 * Resolves with the reason when this member has to stop: while nobody leads for it, it asks the others whether it
 * still belongs to them. Resolves with undefined at the abort.
 */
export async function watchStanding(
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<OperatorError | undefined> {
  const changes = followChanges([deps.leadership], deps.clock);
  try {
    return await lookWhileLeaderless(deps, changes, signal);
  } finally {
    changes.close();
  }
}

async function lookWhileLeaderless(
  deps: WatchDeps,
  changes: Changes,
  signal: AbortSignal,
): Promise<OperatorError | undefined> {
  const { leadership, peers, config, clock, dataDir, random } = deps;
  let quiet = 0;
  while (!isAborted(signal)) {
    if (leadership.leader === undefined) await pause(clock, inStep(clock, lookEveryMs), signal);
    else await changes.wait(ledLookMs, signal);
    quiet = leadership.leader === undefined ? quiet + 1 : 0;
    if (quiet < quietLooks || isAborted(signal)) continue;
    const others = peers().filter(({ id }) => id !== config.id);
    const asked = pickSome(others, askedALook, random);
    const verdict = decideStart(await askStanding(deps, asked), config.epoch ?? 1);
    if (verdict.kind === 'stay down')
      return new ExpelledError(verdict.because, adviseReset(dataDir.root), verdict.isReleased);
    if (verdict.kind === 'start anew') {
      return new OperatorError(
        `${verdict.because}: start it again, and it gets the database from the others`,
      );
    }
  }
  return undefined;
}

function pickSome<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const shuffled = all.map((item) => [random(), item] as const).toSorted(([a], [b]) => a - b);
  return shuffled.slice(0, count).map(([, item]) => item);
}
