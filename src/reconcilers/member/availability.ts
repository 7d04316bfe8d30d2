import { isTrue } from '../../api/conditions.ts';
import { memberSettings } from '../../api/defaults.ts';
import type { Member } from '../../api/generated/member.ts';

/** Heard of within the offline threshold, evacuated or not. */
export function isOnline({ status }: Member): boolean {
  return isTrue(status, 'Online');
}

/** Why nothing new may be put on the member; undefined when it may. Completes "member a …". */
export function unavailability(member: Member): string | undefined {
  if (member.metadata.deletionTimestamp !== undefined) return 'is being removed';
  if (memberSettings(member.spec).evacuated) return 'is evacuated';
  if (!isOnline(member)) return 'is offline';
  return member.status?.state === 'Blocked' ? `is blocked: it ${member.status.message ?? ''}` : undefined;
}
