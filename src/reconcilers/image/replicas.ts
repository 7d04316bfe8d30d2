import { createHash } from 'node:crypto';
import type { Image } from '../../api/generated/image.ts';
import type { Draft } from '../draft.ts';
import { enumerate } from '../in-use.ts';
import type { Step } from '../step.ts';

export interface ReplicasDeps {
  /** Names of the members that are online. */
  readonly listOnlineMembers: () => readonly string[];
  readonly hasMember: (name: string) => boolean;
  /** Members that run instances of this image. */
  readonly listUsingMembers: (image: Image) => readonly string[];
  /** -1 means on every member. */
  readonly minimalReplica: () => number;
}

/**
 * Decides which members shall have a copy. Copies are only ever added: lowering the number deletes nothing, and
 * a member that is away keeps what it has while another one steps in.
 */
export const replicas: Step<Draft<Image>, ReplicasDeps> = {
  condition: 'Replicated',
  run(draft, deps) {
    const online = deps.listOnlineMembers();
    const kept = keptMembers(draft, deps);
    const minimum = deps.minimalReplica();
    const target = minimum < 0 ? online.length : Math.min(minimum, online.length);
    const missing = target - kept.filter((name) => online.includes(name)).length;
    const added =
      missing > 0
        ? rank(
            draft,
            online.filter((name) => !kept.includes(name)),
          ).slice(0, missing)
        : [];
    draft.status.wantedMembers = [...kept, ...added].toSorted();

    const ready = readyMembers(draft).filter((name) => online.includes(name));
    const message = `${ready.length} of ${target} members have it`;
    if (ready.length >= target) return { kind: 'settled', message };
    const waitingFor = draft.status.wantedMembers.filter(
      (name) => online.includes(name) && !ready.includes(name),
    );
    return {
      kind: 'blocked',
      reason: 'Replicating',
      message: `${message}; on its way to ${enumerate(waitingFor)}`,
    };
  },
};

/** Who was wanted, has a copy, imports it, or needs it; without those that left the cluster. */
function keptMembers(draft: Draft<Image>, { hasMember, listUsingMembers }: ReplicasDeps): readonly string[] {
  const names = [
    ...readyMembers(draft),
    draft.spec.source.member,
    ...listUsingMembers(draft),
    ...(draft.status.wantedMembers ?? []),
  ];
  return [...new Set(names)].filter(hasMember);
}

function readyMembers({ status }: Draft<Image>): readonly string[] {
  return (status.members ?? []).filter(({ state }) => state === 'Ready').map(({ name }) => name);
}

/** An order of its own for each image, so that copies spread over the members. */
function rank({ metadata: { uid, name } }: Image, members: readonly string[]): readonly string[] {
  const weights = new Map(
    members.map((member) => [
      member,
      createHash('sha256')
        .update(`${uid ?? name}\n${member}`)
        .digest('hex'),
    ]),
  );
  const weightOf = (member: string): string => weights.get(member) ?? '';
  return members.toSorted((a, b) => (weightOf(a) < weightOf(b) ? -1 : 1));
}
