import type { Instance } from '../../api/generated/instance.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { keyOf } from '../../api/resource.ts';
import type { Clock } from '../../base/clock.ts';
import { isDeleting } from '../../reconcilers/finalizers.ts';
import { unavailability } from '../../reconcilers/member/availability.ts';
import type { Informer, InformerChange } from '../../runtime/informer.ts';
import { burstKeys, relatedKeys, type KeyStream } from '../../runtime/key-stream.ts';
import type { ControllerInformers } from '../informers.ts';

// Long enough to merge what one `kubectl apply` or one lost member changes, too short to be felt.
const quietMs = 50;

/** All keys of `targets` whenever a member becomes available, ceases to be, or joins. */
export function onAvailability<T extends KubernetesObject>(
  { members }: ControllerInformers,
  targets: Informer<T>,
  clock: Clock,
): KeyStream {
  const verdict = (member: Parameters<typeof unavailability>[0] | undefined): string | undefined =>
    member === undefined ? 'is not there' : unavailability(member);
  return relatedKeys(
    members,
    ({ before, after }) => (verdict(before) === verdict(after) ? [] : targets.list().map(keyOf)),
    { quietMs, clock },
  );
}

export interface Concern<S extends KubernetesObject, T extends KubernetesObject> {
  /** Asked once a change, so that what does not matter costs nothing. */
  readonly when?: (change: InformerChange<S>) => boolean;
  /** Asked for each target. */
  readonly concerns?: (target: T, change: InformerChange<S>) => boolean;
}

/** Keys of the targets that a change of another kind concerns; all of them unless something is said. */
export function onChange<S extends KubernetesObject, T extends KubernetesObject>(
  source: Informer<S>,
  targets: Informer<T>,
  clock: Clock,
  { when = () => true, concerns = () => true }: Concern<S, T> = {},
): KeyStream {
  const toKeys = (change: InformerChange<S>): readonly string[] =>
    when(change)
      ? targets
          .list()
          .filter((target) => concerns(target, change))
          .map(keyOf)
      : [];
  return relatedKeys(source, toKeys, { quietMs, clock });
}

export interface Relief<T extends KubernetesObject> {
  readonly when: (change: InformerChange<T>) => boolean;
  readonly waits: (object: T) => boolean;
}

/** Keys of the objects that wait, whenever others of their kind may have let them go on. */
export function onRelief<T extends KubernetesObject>(
  objects: Informer<T>,
  clock: Clock,
  { when, waits }: Relief<T>,
): KeyStream {
  return burstKeys(objects, when, () => objects.list().filter(waits).map(keyOf), { quietMs, clock });
}

/** What an instance refers to, or where it is, changed: not merely what its host reports. */
export function isReferenceChange({ before, after }: InformerChange<Instance>): boolean {
  if (before === undefined || after === undefined) return true;
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.status?.member !== after.status?.member ||
    isDeleting(before.metadata) !== isDeleting(after.metadata)
  );
}
