// generated from crds/cluster.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * The settings that hold for the whole cluster. There is exactly one, named "cluster"; `musterd init` creates it. A field that is left out has its documented default, also after an upgrade changes that default.
 */
export interface Cluster {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: ClusterSpec | undefined;
  status?: ClusterStatus | undefined;
}
/**
 * The settings that you want.
 */
export interface ClusterSpec {
  /**
   * How many members hold a voting copy of the database. An odd number of 3 or more; default 3. With one or two members there is one voter. 3 voters survive the loss of one, 5 of two. LXD: cluster.max_voters.
   */
  maxVoters?: number | undefined;
  /**
   * How many members hold a copy of the database without a vote, ready to become a voter; 0 to 5, default 2. LXD: cluster.max_standby.
   */
  maxStandby?: number | undefined;
  /**
   * A member from which nothing was heard for this many seconds is Offline. At least 11; default 20. Liveness is checked at half this interval or oftener. LXD: cluster.offline_threshold.
   */
  offlineThresholdSeconds?: number | undefined;
  /**
   * After how many seconds Offline a member's instances are started elsewhere, where their storage allows it; 0, the default, never. Healing is not served by this release, so 0 is the only value. LXD: cluster.healing_threshold.
   */
  healingThresholdSeconds?: number | undefined;
  /**
   * On how many members each image is kept; -1 for all of them, default 3. A cluster of fewer members keeps it on every one. Lowering the number deletes nothing. LXD: cluster.images_minimal_replica.
   */
  imagesMinimalReplica?: number | undefined;
  /**
   * How long a join token is good for: numbers with the units S, M, H, d, w, m (months) and y, each unit at most once, as in "1d 3H". Default "3H"; empty for ever. LXD: cluster.join_token_expiry.
   */
  joinTokenExpiry?: string | undefined;
  virtualAddress?: ClusterVirtualAddress | undefined;
  oidc?: ClusterOidc | undefined;
}
/**
 * One more address for the API, which is always held by a member that is ready: when that one fails, another takes it. Each member that can hold it runs keepalived for it, which has to be installed there; the condition VirtualAddress of the Member says how it stands. It is for clients only.
 */
export interface ClusterVirtualAddress {
  /**
   * An IPv4 or IPv6 address that nobody else uses, in a subnet of the members that may hold it.
   */
  address: string;
  /**
   * The port of the API there. Default 8443.
   */
  port?: number | undefined;
  /**
   * The interface of the members that gets the address. Default: on each member the one that has an address in the same subnet; a member without one never holds it.
   */
  interface?: string | undefined;
  /**
   * The VRRP virtual router, 1 to 255: to be chosen where other routers on that network use VRRP too. Default 51.
   */
  routerID?: number | undefined;
}
/**
 * An identity provider whose ID tokens log people in, besides client certificates and tokens of ServiceAccounts. Names and groups that begin with "system:" are never taken from it. LXD: oidc.*.
 */
export interface ClusterOidc {
  /**
   * Where the provider is, https. Its configuration is read from .well-known/openid-configuration below it, and "iss" of the tokens must be the same text.
   */
  issuerURL: string;
  /**
   * For whom the tokens must be issued ("aud").
   */
  clientID: string;
  /**
   * The claim with the user's name. Default sub. With email, the address must be verified.
   */
  usernameClaim?: string | undefined;
  /**
   * Put before the name; "-" is none. Default: the issuer and "#", and none for the claim email.
   */
  usernamePrefix?: string | undefined;
  /**
   * The claim with the user's groups; without it there are none.
   */
  groupsClaim?: string | undefined;
  /**
   * Put before each group. Default none.
   */
  groupsPrefix?: string | undefined;
  /**
   * The authorities in PEM that vouch for the provider. Default those of the host.
   */
  caBundle?: string | undefined;
}
/**
 * What the cluster's controllers and members report.
 */
export interface ClusterStatus {
  /**
   * The cluster's unique id, fixed when it was created. LXD: volatile.uuid.
   */
  id?: string | undefined;
  /**
   * What all members can do, as a number that rises from release to release. It follows when the last live member has been upgraded, and never falls.
   */
  featureLevel?: number | undefined;
  /**
   * The name of the member that leads the database and runs the controllers.
   */
  leader?: string | undefined;
  /**
   * How many members the cluster has, in whatever state.
   */
  memberCount?: number | undefined;
  /**
   * How many members vote in the database, the leader included.
   */
  voterCount?: number | undefined;
  /**
   * Ready is True when as many members vote and stand by as the settings ask for and the cluster's size allows. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
