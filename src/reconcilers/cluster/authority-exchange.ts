import { exchangeCondition, hasReached, type ExchangeStep, type ExchangeView } from '../../api/authority.ts';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { isOnline } from '../member/availability.ts';
import type { Outcome, Step } from '../step.ts';

/** What comes after a step; `finish` means that every member has carried out the last one. */
export type ExchangeMove = 'finish' | Extract<ExchangeStep, 'Canceled' | 'Ended' | 'Signing'>;

export interface ExchangeVerdict {
  readonly next?: ExchangeMove;
  /** Online, and not there yet: the next step waits for them. */
  readonly missing: readonly string[];
  /** Not online, and not there yet: only the end waits for them. */
  readonly away: readonly string[];
}

export interface AuthorityExchangeDeps {
  readonly listMembers: () => readonly Member[];
  /** Who belongs to the cluster: a Member may be declared for a host that has not come yet, or come a moment later. */
  readonly memberNames: () => readonly string[];
  /** Undefined where the authority has never been exchanged. */
  readonly exchange: () => ExchangeView | undefined;
  /** Does nothing when the exchange is not as in `from` any more. */
  readonly advanceExchange: (from: ExchangeView, move: ExchangeMove, signal: AbortSignal) => Promise<void>;
  readonly nowMs: () => number;
}

/** Which step is next, and who is missing. */
export function decideExchange(
  view: ExchangeView,
  names: readonly string[],
  members: readonly Member[],
  nowMs: number,
): ExchangeVerdict {
  const all = names.map((name) => ({ name, member: members.find(({ metadata }) => metadata.name === name) }));
  const isThere = ({ member }: Expected): boolean => member !== undefined && isOnline(member);
  const late = all.filter(({ member }) => member === undefined || !hasReached(member, view));
  const namesOf = (some: readonly Expected[]) => some.map(({ name }) => name).toSorted();
  const missing = namesOf(late.filter(isThere));
  const away = namesOf(late.filter((one) => !isThere(one)));
  const next = chooseMove(view, { missing, away }, all.some(isThere), nowMs);
  return { missing, away, ...(next === undefined ? {} : { next }) };
}

interface Expected {
  readonly name: string;
  readonly member: Member | undefined;
}

function chooseMove(
  { step, endsAt, finishedAt }: ExchangeView,
  { missing, away }: ExchangeVerdict,
  isAnyOnline: boolean,
  nowMs: number,
): ExchangeMove | undefined {
  // The leader is online; where nobody is, nothing is known yet.
  if (finishedAt !== undefined || missing.length > 0 || !isAnyOnline) return undefined;
  switch (step) {
    case 'Trusted':
      return 'Signing';
    case 'Signing':
      return nowMs >= Date.parse(endsAt) ? 'Ended' : undefined;
    case 'Returning':
      return 'Canceled';
    case 'Ended':
    case 'Canceled':
      return away.length === 0 ? 'finish' : undefined;
  }
}

/** Takes the exchange of the authority one step further whenever it can, and says how far it is. */
export const authorityExchange: Step<Draft<Cluster>, AuthorityExchangeDeps> = {
  condition: exchangeCondition,
  async run(_cluster, deps, signal) {
    const view = deps.exchange();
    if (view === undefined) return { kind: 'settled', reason: 'NeverExchanged' };
    const verdict = decideExchange(view, deps.memberNames(), deps.listMembers(), deps.nowMs());
    if (verdict.next !== undefined) await deps.advanceExchange(view, verdict.next, signal);
    return describeExchange(view, verdict);
  },
};

/** Settled also while it waits: what else there is to say of the cluster must not wait for it. */
function describeExchange(view: ExchangeView, { missing, away }: ExchangeVerdict): Outcome {
  const { step, id, endsAt, finishedAt } = view;
  const isKept = step === 'Returning' || step === 'Canceled';
  if (finishedAt !== undefined) {
    const message = isKept
      ? `the exchange of the authority was canceled; the new one (SHA-256 ${id}) does not count`
      : `every member has the new authority (SHA-256 ${id}) since ${finishedAt}, and the former one does not count`;
    return {
      kind: 'settled',
      status: isKept ? 'False' : 'True',
      reason: isKept ? 'Canceled' : 'Exchanged',
      message,
    };
  }
  const waiting = [
    ...(missing.length === 0 ? [] : [`waiting for ${missing.join(', ')}`]),
    ...(away.length === 0 ? [] : [`${away.join(', ')} follows when it is back`]),
  ];
  const message = [tellStep(step, id, endsAt), ...waiting].join('; ');
  return { kind: 'settled', status: 'False', reason: step, message };
}

function tellStep(step: ExchangeStep, id: string, endsAt: string): string {
  switch (step) {
    case 'Trusted':
      return `step 1 of 3: members take the new authority (SHA-256 ${id}) besides the former one, which counts until ${endsAt}`;
    case 'Signing':
      return `step 2 of 3: members sign with the new authority (SHA-256 ${id}); the former one counts until ${endsAt}: renew kubeconfigs and tokens before`;
    case 'Ended':
      return `step 3 of 3: only the new authority (SHA-256 ${id}) counts`;
    case 'Returning':
      return `canceled: members sign with the former authority again; the new one (SHA-256 ${id}) still counts`;
    case 'Canceled':
      return `canceled: the new authority (SHA-256 ${id}) does not count any more`;
  }
}
