import type { Instance } from '../../api/generated/instance.ts';
import { instanceFinalizer } from '../../api/names.ts';
import { addFinalizer, isDeleting, removeFinalizer } from '../finalizers.ts';
import type { Draft } from '../draft.ts';
import { settled, type Step } from '../step.ts';

export interface FinalizerDeps {
  readonly hasMember: (name: string) => boolean;
  /** Whether everything that it refers to is there. */
  readonly isResolvable: (instance: Instance) => boolean;
}

/**
 * Put before the placement, and not while none can come: so that no host ever has an instance that could vanish from the API. The host's
 * agent takes it away when nothing is left; here only where no host can have anything.
 */
export const finalizer: Step<Instance, FinalizerDeps> = {
  run(draft, { hasMember, isResolvable }) {
    const { metadata, status } = draft;
    const member = status?.member;
    if (!isDeleting(metadata)) {
      if (member !== undefined || isResolvable(draft)) addFinalizer(metadata, instanceFinalizer);
    } else if (member === undefined || !hasMember(member)) removeFinalizer(metadata, instanceFinalizer);
    return settled;
  },
};

const recheckMs = 100;

/** What the instance refers to may have come after the finalizer was thought about: first things first. */
export const held: Step<Draft<Instance>, unknown> = {
  run({ metadata, status }) {
    if (status.member !== undefined || metadata.finalizers?.includes(instanceFinalizer) === true)
      return settled;
    return { kind: 'waiting', reason: 'NotHeldYet', message: 'waiting for its finalizer', recheckMs };
  },
};
