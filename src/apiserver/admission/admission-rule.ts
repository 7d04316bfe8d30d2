import type { Condition } from '../../consensus/store/store.ts';
import type { User } from '../authn/user.ts';
import type { ObjectPlace } from '../registry/storage-key.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { ServerDeps } from '../server-deps.ts';

export interface AdmissionRequest {
  readonly operation: 'create' | 'delete' | 'update';
  readonly kind: ResourceKind;
  readonly place: ObjectPlace;
  readonly subresource?: string;
  readonly user: User;
  /** What is about to be stored; absent on delete. */
  readonly object?: JsonObject;
  /** What is there; absent on create. */
  readonly stored?: JsonObject;
}

export interface Admitted {
  /** Takes the place of `object`. */
  readonly object?: JsonObject;
  /** Must still hold when the write is committed; the write is tried again when one does not. */
  readonly conditions?: readonly Condition[];
}

/**
 * A rule that looks beyond the one object. It throws the refusal, or answers what it adds. It reads this member's
 * cache, which may lag: what must not be raced goes into `conditions`.
 */
export type AdmissionRule = (request: AdmissionRequest, deps: ServerDeps) => Admitted | undefined;
