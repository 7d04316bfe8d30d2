// generated from crds/identity.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A person or a program that may log in with client certificates of its own. The name of the object is the name of the user. Deleting it voids every certificate that was given out for it, at once and on every member. What it may do is said by RBAC.
 */
export interface Identity {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: IdentitySpec;
  status?: IdentityStatus | undefined;
}
/**
 * What you want of this identity.
 */
export interface IdentitySpec {
  /**
   * A note for people.
   */
  description?: string | undefined;
  /**
   * The groups of the user, to which roles are bound. A change counts from the next request on. Only who may impersonate a group may name it here; system:masters may do everything.
   *
   * @maxItems 64
   */
  groups?: string[] | undefined;
}
/**
 * Nothing is reported yet.
 */
export interface IdentityStatus {
  /**
   * Statements of controllers about this object. Each has one owner.
   */
  conditions?: Condition[] | undefined;
}
