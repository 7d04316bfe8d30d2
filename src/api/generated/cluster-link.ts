// generated from crds/cluster-link.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * Trust between this cluster and another one, over which instances are copied and replicated. No controller acts on it in this release: it can be written down, and its status stays empty.
 */
export interface ClusterLink {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ClusterLinkSpec;
  status?: ClusterLinkStatus | undefined;
}
/**
 * The trust that you want.
 */
export interface ClusterLinkSpec {
  /**
   * bidirectional: each side may log in to the other. unidirectional: we may log in there, they may not here. public: we know their certificate and use what they offer to everybody. Default bidirectional.
   */
  type?: ('bidirectional' | 'unidirectional' | 'public') | undefined;
  /**
   * A note for people.
   */
  description?: string | undefined;
  /**
   * Where to reach the other cluster at first, each host:port. Left out when a token is used, since the token has them. Afterwards status.addresses follows the other cluster's members.
   *
   * @maxItems 100
   */
  addresses?: string[] | undefined;
  /**
   * The SHA-256 of the other cluster's certificate in hex, by which it is recognized. For type public, writing it here is the confirmation that the certificate is the right one.
   */
  fingerprint?: string | undefined;
  /**
   * The name of a Secret in namespace muster-system with the key "token": the trust token that the other cluster issued for this link. Left out on the side that issues the token.
   */
  tokenSecret?: string | undefined;
  /**
   * The groups, as RBAC bindings name them, that the other cluster's identity belongs to here. None by default, so it may do nothing. Not for type unidirectional or public.
   *
   * @maxItems 100
   */
  groups?: string[] | undefined;
  /**
   * Free-form keys for your own use; each starts with "user.".
   */
  config?:
    | {
        [k: string]: string;
      }
    | undefined;
}
/**
 * What the controllers report.
 */
export interface ClusterLinkStatus {
  /**
   * pending: the token was issued and not used yet. active: both sides know each other.
   */
  identityStatus?: ('pending' | 'active') | undefined;
  /**
   * Where the other cluster's members are reached now, each host:port. LXD: volatile.addresses.
   */
  addresses?: string[] | undefined;
  /**
   * The SHA-256 of the certificate that the other cluster shows, in hex.
   */
  fingerprint?: string | undefined;
  /**
   * What each member of the other cluster answered when last asked.
   */
  members?: ClusterLinkStatusMember[] | undefined;
  /**
   * Ready is True while at least one remote member is Active. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One remote member.
 */
export interface ClusterLinkStatusMember {
  /**
   * Its name in the other cluster.
   */
  name?: string | undefined;
  /**
   * Where it was asked, host:port.
   */
  address: string;
  /**
   * Active: it answers and trusts us. Unauthenticated: it answers and does not trust us. Unreachable: no answer.
   */
  state: 'Active' | 'Unauthenticated' | 'Unreachable';
  /**
   * What went wrong, in one sentence.
   */
  message?: string | undefined;
}
