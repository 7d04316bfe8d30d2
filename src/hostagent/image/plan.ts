import type { Image } from '../../api/generated/image.ts';

/** What this member does next about one image. */
export type ImagePlan = 'fetch' | 'import' | 'keep' | 'nothing' | 'remove';

export function planImage(
  { metadata, spec, status = {} }: Image,
  memberName: string,
  isHere: boolean,
  mayTearDown: boolean,
): ImagePlan {
  const isListed = status.members?.some(({ name }) => name === memberName) ?? false;
  if (metadata.deletionTimestamp !== undefined) return isListed && mayTearDown ? 'remove' : 'nothing';
  const isSource = spec.source.member === memberName;
  const isWanted = isSource || (status.wantedMembers?.includes(memberName) ?? false);
  if (!isWanted) return isListed ? 'remove' : 'nothing';
  if (isHere) return 'keep';
  if (status.digest === undefined) return isSource ? 'import' : 'nothing';
  const hasHolder =
    status.members?.some(({ name, state }) => state === 'Ready' && name !== memberName) ?? false;
  // The source member whose copy was lost, and nobody else has one: the file may still be there.
  return isSource && !hasHolder ? 'import' : 'fetch';
}
