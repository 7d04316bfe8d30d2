import { forceRemovalAnnotation, memberFinalizer } from '../../api/names.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import { addFinalizer, isDeleting, removeFinalizer } from '../finalizers.ts';
import { settled, type Outcome, type Step } from '../step.ts';

export interface MemberFinalizerDeps {
  /** Undefined while the database has not answered. */
  readonly isInDatabase: (member: string) => boolean | undefined;
}

/** A deleted Member stays until it is out of the database, so that nobody counts on a vote that is gone. */
export const memberFinalizerStep: Step<Member, MemberFinalizerDeps> = {
  run({ metadata }, { isInDatabase }) {
    if (!isDeleting(metadata)) addFinalizer(metadata, memberFinalizer);
    else if (isInDatabase(metadata.name) === false) removeFinalizer(metadata, memberFinalizer);
    return settled;
  },
};

export interface RemovalDeps {
  /** `namespace/name` of the instances that are placed on the member. */
  readonly instancesOn: (member: string) => readonly string[];
  /** `namespace/name` of the images that no other member has. */
  readonly imagesOnlyOn: (member: string) => readonly string[];
  readonly countMembers: () => number;
  readonly removeFromDatabase: (member: string, isForced: boolean, signal: AbortSignal) => Promise<void>;
  /** `namespace/name`; succeeds for what is gone already. */
  readonly deleteInstance: (key: string, signal: AbortSignal) => Promise<void>;
}

const namedAtMost = 5;

/**
 * Lets a deleted Member leave the cluster, but not with something that nobody else has, unless somebody has said
 * that it is lost. Its instances are then deleted and not placed anew: they would come back empty, and the host
 * may still be running them.
 */
export const removal: Step<Draft<Member>, RemovalDeps> = {
  condition: 'Removed',
  async run({ metadata: { name, annotations } }, deps, signal): Promise<Outcome> {
    const isForced = annotations?.[forceRemovalAnnotation] === 'true';
    const instances = deps.instancesOn(name);
    if (isForced) for (const key of instances) await deps.deleteInstance(key, signal);
    else if (instances.length > 0)
      return blocked('HasInstances', `it still has the instances ${list(instances)}`);
    if (deps.countMembers() === 1) return blocked('LastMember', 'it is the only member of the cluster');
    const images = deps.imagesOnlyOn(name);
    if (images.length > 0 && !isForced)
      return blocked('HasImages', `no other member has the images ${list(images)}`);
    await deps.removeFromDatabase(name, isForced, signal);
    return { kind: 'settled', status: 'False', reason: 'Leaving', message: 'it is leaving the cluster' };
  },
};

function blocked(reason: string, message: string): Outcome {
  return { kind: 'blocked', reason, message };
}

function list(names: readonly string[]): string {
  const more = names.length > namedAtMost ? ` and ${names.length - namedAtMost} more` : '';
  return names.slice(0, namedAtMost).join(', ') + more;
}
