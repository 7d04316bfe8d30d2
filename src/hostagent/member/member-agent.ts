import type { FeatureLevels } from '../../api/feature-level.ts';
import type { Member } from '../../api/generated/member.ts';
import { findCondition } from '../../api/conditions.ts';
import { members as resource } from '../../api/generated/resources.ts';
import type { Informer } from '../../runtime/informer.ts';
import { commitDraft, say, type AgentTools, type Reconcile } from '../agent-tools.ts';
import { describeDatabaseDisk, diskCondition, type DatabaseDisk } from './database-disk.ts';
import type { HostFacts } from './host-facts.ts';

export interface MemberAgentDeps extends AgentTools {
  readonly members: Informer<Member>;
  /** Of musterd. */
  readonly version: string;
  readonly featureLevels: FeatureLevels;
  readonly databaseDisk?: DatabaseDisk;
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
    const tell = sayDisk(deps, stored, draft);
    await commitDraft(deps, resource, stored, draft, signal);
    tell();
    return { recheckMs: resyncMs };
  };
}

/** Writes how the disk is into the draft; the answer tells of it, if that is news, once it is written. */
function sayDisk(
  { databaseDisk, clock, events }: MemberAgentDeps,
  stored: Member,
  draft: Member,
): () => void {
  if (databaseDisk === undefined || draft.status === undefined) return () => undefined;
  const saying = describeDatabaseDisk(databaseDisk.level());
  say(draft, draft.status, diskCondition, saying, clock.now());
  const before = findCondition(stored.status, diskCondition);
  return () => {
    if (before?.reason === saying.reason || (before === undefined && saying.status === 'False')) return;
    const type = saying.status === 'True' ? 'Warning' : 'Normal';
    events.record(stored, type, saying.reason, saying.message);
  };
}
