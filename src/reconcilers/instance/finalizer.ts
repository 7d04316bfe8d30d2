import type { Instance } from '../../api/generated/instance.ts';
import { instanceFinalizer } from '../../api/names.ts';
import { addFinalizer, isDeleting, removeFinalizer } from '../finalizers.ts';
import { settled, type Step } from '../step.ts';

export interface FinalizerDeps {
  readonly hasMember: (name: string) => boolean;
}

/**
 * Put before the placement, so that no host ever has an instance that could vanish from the API. The host's
 * agent takes it away when nothing is left; here only where no host can have anything.
 */
export const finalizer: Step<Instance, FinalizerDeps> = {
  run(draft, { hasMember }) {
    const { metadata, status } = draft;
    const member = status?.member;
    if (!isDeleting(metadata)) addFinalizer(metadata, instanceFinalizer);
    else if (member === undefined || !hasMember(member)) removeFinalizer(metadata, instanceFinalizer);
    return settled;
  },
};
