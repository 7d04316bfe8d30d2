import { memberSettings } from '../../api/defaults.ts';
import type { Member } from '../../api/generated/member.ts';
import { unavailability } from '../member/availability.ts';
import { canRun } from './architecture.ts';

export interface Need {
  readonly clusterGroup: string | undefined;
  readonly architecture: string | undefined;
  /** Why a member cannot serve what the instance's devices ask for; completes "member a …". */
  readonly deviceTrouble: (member: string) => string | undefined;
}

/** Why automatic placement passes the member over; undefined when it is a candidate. */
export function unfitness(member: Member, need: Need): string | undefined {
  return (
    unavailability(member) ??
    schedulingTrouble(member, need.clusterGroup) ??
    architectureTrouble(member, need.architecture) ??
    need.deviceTrouble(member.metadata.name)
  );
}

function schedulingTrouble({ spec }: Member, clusterGroup: string | undefined): string | undefined {
  const { scheduling, groups } = memberSettings(spec);
  if (scheduling === 'manual') return 'takes instances only by name';
  if (clusterGroup !== undefined)
    return groups.includes(clusterGroup) ? undefined : `is not in group ${clusterGroup}`;
  return scheduling === 'group' ? 'takes instances only by its groups' : undefined;
}

function architectureTrouble({ status }: Member, wanted: string | undefined): string | undefined {
  const host = status?.architecture;
  if (wanted === undefined || host === undefined || canRun(host, wanted)) return undefined;
  return `has architecture ${host}`;
}
