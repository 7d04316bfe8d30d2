import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import type { Outcome, Step } from '../step.ts';

export interface OnlineDeps {
  readonly nowMs: () => number;
  readonly offlineThresholdMs: () => number;
  readonly silenceOf: (member: string) => Silence;
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
  run(draft, { nowMs, offlineThresholdMs, silenceOf }) {
    const silence = silenceOf(draft.metadata.name);
    const reachable = judge(draft, silence, offlineThresholdMs());
    const lastHeard = toRfc3339(nowMs() - silence.ms);
    const message = reachable ? 'Fully operational' : offlineMessage(silence, draft, lastHeard);
    if (draft.spec.evacuated === true) {
      enter(draft, 'Evacuated', 'Unavailable due to maintenance', toRfc3339(nowMs()));
    } else if (reachable) enter(draft, 'Online', message, toRfc3339(nowMs()));
    else enter(draft, 'Offline', message, silence.isHeard ? lastHeard : toRfc3339(nowMs()));
    return outcome(reachable, message);
  },
};

/** A new leader has not heard anybody yet: until the threshold has passed, what its predecessor knew holds. */
function judge({ status }: Draft<Member>, { ms, isHeard }: Silence, thresholdMs: number): boolean {
  if (ms >= thresholdMs) return false;
  return (
    isHeard ||
    (status.conditions?.some((known) => known.type === 'Online' && known.status === 'True') ?? false)
  );
}

/** Names the moment and not the duration, which would make every look a change. */
function offlineMessage({ isHeard }: Silence, { status }: Draft<Member>, lastHeard: string): string {
  const known = status.conditions?.find(({ type }) => type === 'Online');
  if (known?.status === 'False') return known.message;
  return isHeard ? `No heartbeat since ${lastHeard}` : 'No heartbeat yet';
}

function enter(
  { status }: Draft<Member>,
  state: 'Evacuated' | 'Offline' | 'Online',
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

function toRfc3339(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
