import { findCondition, isTrue } from '../../api/conditions.ts';
import { memberSettings } from '../../api/defaults.ts';
import { findLevelProblem } from '../../api/feature-level.ts';
import type { Member } from '../../api/generated/member.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Draft } from '../draft.ts';
import type { Outcome, Step } from '../step.ts';

export interface OnlineDeps {
  readonly nowMs: () => number;
  readonly offlineThresholdMs: () => number;
  readonly silenceOf: (member: string) => Silence;
  /** At which the cluster works; undefined before the first member has said what it can do. */
  readonly clusterLevel: () => number | undefined;
}

export interface Silence {
  /** Since the last heartbeat, or since this leader began to listen. */
  readonly ms: number;
  /** Whether this leader ever heard the member. */
  readonly isHeard: boolean;
}

/** Judges liveness, which the leader only has in memory: nothing is written while nothing changes. */
export const online: Step<Draft<Member>, OnlineDeps> = {
  condition: 'Online',
  run(draft, { nowMs, offlineThresholdMs, silenceOf, clusterLevel }) {
    const silence = silenceOf(draft.metadata.name);
    const reachable = judge(draft, silence, offlineThresholdMs());
    const lastHeard = formatTimestamp(nowMs() - silence.ms);
    const message = reachable ? 'Fully operational' : offlineMessage(silence, draft, lastHeard);
    if (memberSettings(draft.spec).evacuated) {
      enter(draft, 'Evacuated', 'Unavailable due to maintenance', formatTimestamp(nowMs()));
    } else if (!reachable) {
      enter(draft, 'Offline', message, silence.isHeard ? lastHeard : formatTimestamp(nowMs()));
    } else {
      const problem = levelProblem(draft, clusterLevel());
      enter(
        draft,
        problem === undefined ? 'Online' : 'Blocked',
        problem ?? message,
        formatTimestamp(nowMs()),
      );
    }
    return outcome(reachable, message);
  },
};

/** A new leader has not heard anybody yet: until the threshold has passed, what its predecessor knew holds. */
function judge({ status }: Draft<Member>, { ms, isHeard }: Silence, thresholdMs: number): boolean {
  if (ms >= thresholdMs) return false;
  return isHeard || isTrue(status, 'Online');
}

/** Names the moment and not the duration, which would make every look a change. */
function offlineMessage({ isHeard }: Silence, { status }: Draft<Member>, lastHeard: string): string {
  const known = findCondition(status, 'Online');
  if (known?.status === 'False') return known.message;
  return isHeard ? `No heartbeat since ${lastHeard}` : 'No heartbeat yet';
}

/** A member that cannot work with the others keeps its instances running, and gets no new ones. */
function levelProblem({ status }: Draft<Member>, clusterLevel: number | undefined): string | undefined {
  const { newest, oldest } = status.featureLevels ?? {};
  if (clusterLevel === undefined || newest === undefined || oldest === undefined) return undefined;
  return findLevelProblem({ newest, oldest }, clusterLevel);
}

function enter(
  { status }: Draft<Member>,
  state: 'Blocked' | 'Evacuated' | 'Offline' | 'Online',
  message: string,
  since: string,
): void {
  if (status.state === state) return;
  status.state = state;
  status.message = message;
  status.since = since;
}

function outcome(reachable: boolean, message: string): Outcome {
  if (reachable) return { kind: 'settled', reason: 'HeartbeatReceived', message };
  return { kind: 'settled', status: 'False', reason: 'NoHeartbeat', message };
}
