import type { FeatureLevels } from '../../api/feature-level.ts';
import type { Member } from '../../api/generated/member.ts';
import { members as resource } from '../../api/generated/resources.ts';
import type { Informer } from '../../runtime/informer.ts';
import { commitDraft, type AgentTools, type Reconcile } from '../agent-tools.ts';
import type { HostFacts } from './host-facts.ts';

export interface MemberAgentDeps extends AgentTools {
  readonly members: Informer<Member>;
  /** Of musterd. */
  readonly version: string;
  readonly featureLevels: FeatureLevels;
  readonly readFacts: (signal: AbortSignal) => Promise<HostFacts>;
}

const resyncMs = 60_000;

/** Tells what this host is: its part of the Member's status, and of no other member's. */
export function createMemberAgent(deps: MemberAgentDeps): Reconcile {
  const { members, memberName, readFacts, version, featureLevels } = deps;
  return async (name, signal) => {
    if (name !== memberName) return undefined;
    const stored = members.get(name);
    if (stored === undefined || stored.metadata.deletionTimestamp !== undefined) return undefined;
    const draft = structuredClone(stored);
    draft.status = {
      ...draft.status,
      ...(await readFacts(signal)),
      version,
      featureLevels: { ...featureLevels },
    };
    await commitDraft(deps, resource, stored, draft, signal);
    return { recheckMs: resyncMs };
  };
}
