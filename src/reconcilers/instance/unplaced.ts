import type { Instance } from '../../api/generated/instance.ts';
import type { Saying } from '../step.ts';

/**
 * `Ready` of an instance that no member has yet: what keeps it from being placed. From the placement on its
 * member says it, and a placed instance is never spoken for here.
 */
export function summarizeUnplaced(
  stored: Instance,
  draft: Instance,
  unsettled: Saying | undefined,
): Saying | undefined {
  if (stored.status?.member !== undefined) return undefined;
  if (unsettled !== undefined) return { ...unsettled, status: 'False' };
  return { status: 'False', reason: 'Placed', message: `member ${draft.status?.member ?? ''} has it now` };
}
