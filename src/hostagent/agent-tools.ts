import assert from 'node:assert/strict';
import type { Condition, KubernetesObject } from '../api/meta.ts';
import { setCondition } from '../api/conditions.ts';
import type { Resource } from '../api/resource.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../runtime/backoff.ts';
import type { ClusterApi } from '../runtime/cluster-api.ts';
import { commit } from '../runtime/commit.ts';
import type { EventRecorder } from '../runtime/record-event.ts';
import type { WorkResult } from '../runtime/work-queue.ts';

/** What the agents of all kinds work with. */
export interface AgentTools {
  readonly memberName: string;
  readonly clusterApi: ClusterApi;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Makes this host match one object. The key may name an object that is gone. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<WorkResult | undefined>;

/** The agents' objects all have a status with conditions. */
export interface Reconcilable extends KubernetesObject {
  status?: { conditions?: Condition[] | undefined } | undefined;
}

const fieldManager = 'muster-agent';

/** Sends what changed in the draft, and answers the object as it is then. */
export async function commitDraft<T extends Reconcilable>(
  { clusterApi }: Pick<AgentTools, 'clusterApi'>,
  resource: Resource<T>,
  stored: T,
  draft: T,
  signal: AbortSignal,
): Promise<T> {
  return commit(clusterApi, { resource, stored, draft, fieldManager }, signal);
}

export interface ConditionSaying {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** Writes one condition of ours into the draft. */
export function say(
  draft: Reconcilable,
  status: NonNullable<Reconcilable['status']>,
  type: string,
  saying: ConditionSaying,
  nowMs: number,
): void {
  setCondition(status, { type, ...saying, observedGeneration: draft.metadata.generation }, nowMs);
}

/** Every member writes its own entry of such a list and leaves the others alone. Kept in the order of names. */
export function withPart<Part extends { readonly name: string }>(
  parts: readonly Part[] | undefined,
  own: Part,
): Part[] {
  return [...withoutPart(parts, own.name), own].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function withoutPart<Part extends { readonly name: string }>(
  parts: readonly Part[] | undefined,
  name: string,
): Part[] {
  return (parts ?? []).filter((part) => part.name !== name);
}

/**
 * Whether our part of an object that is being deleted may go: its controller has seen the deletion and found
 * nobody who still refers to it.
 */
export function mayTearDown({ metadata, status }: Reconcilable): boolean {
  const inUse = status?.conditions?.find(({ type }) => type === 'InUse');
  if (metadata.deletionTimestamp === undefined || inUse === undefined) return false;
  return inUse.status === 'False' || inUse.reason === 'CleaningUp';
}

/** Every object that the API answers has one. */
export function uidOf({ metadata: { uid } }: Pick<KubernetesObject, 'metadata'>): string {
  assert(uid !== undefined, 'an object without a uid');
  return uid;
}
