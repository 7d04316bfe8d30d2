import { findConfigProblems, instanceConfigPrefixes } from '../../api/config-keys.ts';
import { imageType, instanceProfiles, instanceType } from '../../api/defaults.ts';
import { expandInstance, type ExpandedInstance } from '../../api/expand-instance.ts';
import type { Image } from '../../api/generated/image.ts';
import type { Instance } from '../../api/generated/instance.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { Profile } from '../../api/generated/profile.ts';
import type { Draft } from '../draft.ts';
import { isDeleting } from '../finalizers.ts';
import { enumerate } from '../in-use.ts';
import type { Outcome, Step } from '../step.ts';
import { findRootDisk, networksOf, poolsOf } from './devices.ts';

export interface ResolvedDeps {
  readonly images: Lookup<Image>;
  readonly profiles: Lookup<Profile>;
  readonly pools: Lookup;
  readonly networks: Lookup;
  readonly members: Lookup;
  readonly clusterGroups: Lookup;
  readonly placementGroups: Lookup;
}

/** Informer cache of one kind, in the instance's namespace where the kind has namespaces. */
export interface Lookup<T extends KubernetesObject = KubernetesObject> {
  readonly get: (name: string) => T | undefined;
  readonly listNames: () => readonly string[];
}

type Blocked = Extract<Outcome, { kind: 'blocked' }>;

/** Everything that the instance names is there. What is missing is named, beside what there is. */
export const resolved: Step<Draft<Instance>, ResolvedDeps> = {
  condition: 'Resolved',
  run(draft, deps) {
    draft.status.state ??= 'Pending';
    draft.status.type = instanceType(draft.spec);
    return findProblem(draft, deps) ?? { kind: 'settled', message: 'everything it refers to exists' };
  },
};

/** What the instance names and is not there, or not fit for it. */
export function findProblem(instance: Instance, deps: ResolvedDeps): Blocked | undefined {
  const expansion = expandInstance(instance, deps.profiles.get);
  return (
    checkProfiles(instance, deps) ??
    checkImage(instance, deps) ??
    (expansion.kind === 'expanded' ? checkExpanded(expansion.instance, deps) : undefined) ??
    checkTargets(instance, deps)
  );
}

function checkProfiles(draft: Instance, { profiles }: ResolvedDeps): Blocked | undefined {
  return firstMissing('profile', instanceProfiles(draft.spec), profiles);
}

function checkImage(draft: Instance, { images }: ResolvedDeps): Blocked | undefined {
  const { image: name } = draft.spec;
  const type = instanceType(draft.spec);
  const missing = firstMissing('image', [name], images);
  const image = images.get(name);
  if (missing !== undefined || image === undefined) return missing;
  const made = imageType(image);
  if (made !== type) {
    return blocked('ImageTypeMismatch', `image "${name}" is for a ${made}, the instance is a ${type}`);
  }
  // A placed instance has its root file system already.
  if (draft.status?.member !== undefined || hasCopy(image)) return undefined;
  return blocked('ImageNotReady', `image "${name}" is not ready: ${imageTrouble(image)}`);
}

function checkExpanded(
  { config, devices }: ExpandedInstance,
  { pools, networks }: ResolvedDeps,
): Blocked | undefined {
  const problems = findConfigProblems(config, instanceConfigPrefixes);
  if (problems.length > 0) return blocked('ConfigNotServed', problems.join('; '));
  const root = findRootDisk(devices);
  if (root === undefined) {
    return blocked(
      'NoRootDisk',
      'no disk has the path "/": add one to the instance or to one of its profiles',
    );
  }
  if (root.pool === undefined)
    return blocked('NoRootDisk', 'the disk with the path "/" names no storage pool');
  return (
    firstMissing('storage pool', poolsOf(devices), pools) ??
    firstMissing('network', networksOf(devices), networks)
  );
}

function checkTargets(draft: Instance, deps: ResolvedDeps): Blocked | undefined {
  const { member, clusterGroup, placementGroup } = draft.spec.placement ?? {};
  return (
    firstMissing('member', given(member), deps.members) ??
    firstMissing('cluster group', given(clusterGroup), deps.clusterGroups) ??
    firstMissing('placement group', given(placementGroup), deps.placementGroups)
  );
}

/** The reason is the kind with `NotFound`: `StoragePoolNotFound`. */
function firstMissing(kind: string, names: readonly string[], lookup: Lookup): Blocked | undefined {
  for (const name of names) {
    const found = lookup.get(name);
    const noun = kind.replaceAll(/(?:^| )(\w)/g, (_match, letter: string) => letter.toUpperCase());
    if (found === undefined)
      return blocked(`${noun}NotFound`, `${kind} "${name}" does not exist; ${existing(lookup)}`);
    if (isDeleting(found.metadata)) return blocked(`${noun}Deleting`, `${kind} "${name}" is being deleted`);
  }
  return undefined;
}

function existing({ listNames }: Lookup): string {
  const names = listNames();
  return names.length === 0 ? 'there is none' : `there is: ${enumerate(names)}`;
}

function hasCopy({ status }: Image): boolean {
  return status?.members?.some(({ state }) => state === 'Ready') ?? false;
}

function imageTrouble({ status }: Image): string {
  const trouble = status?.conditions?.find((known) => known.status === 'False' && known.type !== 'InUse');
  return trouble?.message ?? 'it has not been imported yet';
}

function given(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

function blocked(reason: string, message: string): Blocked {
  return { kind: 'blocked', reason, message };
}
