import type { Image } from '../../api/generated/image.ts';

/** What this member does next about one image. */
export type ImagePlan = 'fetch' | 'import' | 'keep' | 'nothing' | 'remove';

export function planImage(
  image: Image,
  memberName: string,
  isHere: boolean,
  mayTearDown: boolean,
): ImagePlan {
  const { metadata, spec, status = {} } = image;
  const isListed = status.members?.some(({ name }) => name === memberName) ?? false;
  if (metadata.deletionTimestamp !== undefined) return isListed && mayTearDown ? 'remove' : 'nothing';
  const isSource = spec.source.member === memberName;
  if (isSource || status.wantedMembers?.includes(memberName) === true) {
    return isHere ? 'keep' : planArrival(image, memberName, isSource);
  }
  return isListed ? 'remove' : 'nothing';
}

function planArrival({ status = {} }: Image, memberName: string, isSource: boolean): ImagePlan {
  const hasHolder =
    status.members?.some(({ name, state }) => state === 'Ready' && name !== memberName) === true;
  if (status.digest !== undefined && hasHolder) return 'fetch';
  // The file may still be there when the source member's copy was lost and nobody else has one.
  if (isSource) return 'import';
  return status.digest === undefined ? 'nothing' : 'fetch';
}
