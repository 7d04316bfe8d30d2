import type { Image } from '../../src/api/generated/image.ts';
import type { Instance } from '../../src/api/generated/instance.ts';
import type { Member } from '../../src/api/generated/member.ts';
import type { Network } from '../../src/api/generated/network.ts';
import type { Profile } from '../../src/api/generated/profile.ts';
import type { StoragePool } from '../../src/api/generated/storage-pool.ts';
import {
  musterApiVersion,
  type Condition,
  type KubernetesObject,
  type ObjectMeta,
} from '../../src/api/meta.ts';
import type { Draft } from '../../src/reconcilers/draft.ts';
import type { Outcome, Step } from '../../src/reconcilers/step.ts';

/** What differs from an object that is as plain as can be; fields of the metadata stand beside spec and status. */
export interface Differences<
  T extends { spec?: object | undefined; status?: object | undefined },
> extends Partial<ObjectMeta> {
  readonly spec?: Partial<T['spec']>;
  readonly status?: T['status'];
}

export function buildInstance(name: string, differences: Differences<Instance> = {}): Draft<Instance> {
  return build('Instance', { namespace: 'default', name }, { image: 'busybox' }, differences);
}

export function buildImage(name: string, differences: Differences<Image> = {}): Draft<Image> {
  const source = { file: `${name}.tar.xz`, member: 'a' };
  return build('Image', { namespace: 'default', name, uid: `uid-${name}` }, { source }, differences);
}

export function buildProfile(name: string, differences: Differences<Profile> = {}): Draft<Profile> {
  return build('Profile', { namespace: 'default', name }, {}, differences);
}

/** Online unless its status says otherwise. */
export function buildMember(name: string, differences: Differences<Member> = {}): Draft<Member> {
  const status: Draft<Member>['status'] = { conditions: [buildCondition('Online')], architecture: 'x86_64' };
  return build('Member', { name }, { address: `${name}:8443` }, { status, ...differences });
}

export function buildPool(name: string, differences: Differences<StoragePool> = {}): Draft<StoragePool> {
  return build('StoragePool', { name }, { driver: 'dir' }, differences);
}

export function buildNetwork(name: string, differences: Differences<Network> = {}): Draft<Network> {
  return build('Network', { name }, { type: 'bridge' }, differences);
}

export function buildCondition(type: string, differences: Partial<Condition> = {}): Condition {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return { type, status: 'True', reason: type, message: '', lastTransitionTime, ...differences };
}

export const neverAborted = new AbortController().signal;

/** The outcome in few words: `settled`, or the reason and the message. */
export async function runStep<T, Deps>(step: Step<T, Deps>, draft: T, deps: Deps): Promise<string> {
  return describeOutcome(await step.run(draft, deps, neverAborted));
}

export function describeOutcome(outcome: Outcome): string {
  const { kind, reason = '', message = '' } = outcome;
  const status = outcome.kind === 'settled' && outcome.status === 'False' ? ' False' : '';
  return [`${kind}${status}`, reason, message].filter((part) => part !== '').join(': ');
}

function build<T extends KubernetesObject & { spec?: object | undefined; status?: object | undefined }>(
  kind: string,
  named: ObjectMeta,
  defaults: NonNullable<T['spec']>,
  { spec, status = {}, ...metadata }: Differences<T>,
): Draft<T> {
  const object = {
    apiVersion: musterApiVersion,
    kind,
    metadata: { ...named, ...metadata },
    spec: { ...defaults, ...spec },
    status,
  };
  return object as unknown as Draft<T>; // -- every field of the kind is in it, which the compiler cannot see through
}
