// generated from crds/member.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A host that belongs to the cluster. It comes into being when the host joins (`musterd join`); deleting it removes the host from the cluster.
 */
export interface Member {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: MemberSpec;
  status?: MemberStatus | undefined;
}
/**
 * What you want of this member.
 */
export interface MemberSpec {
  /**
   * Where the other members reach it, and clients too unless clientAddresses says more, host:port; port 8443 by custom. A DNS name, an IPv4 address, or an IPv6 address in brackets; never a wildcard. LXD: cluster.https_address.
   */
  address: string;
  /**
   * Where it serves clients besides, each host:port: in a network of its own, or on every address of the host with 0.0.0.0 or [::]. Only the API is served there, never the other members. Clients are given the first one that is no wildcard, else spec.address. They are opened and closed while it runs; the condition Listening says which of them cannot be had. LXD: core.https_address.
   *
   * @maxItems 8
   */
  clientAddresses?: string[] | undefined;
  /**
   * A note for people.
   */
  description?: string | undefined;
  /**
   * A name for what the member shares its fate with: a rack, a room, a power feed. Database roles are spread over failure domains; instances are not (see PlacementGroup). Default "default". LXD: failure_domain.
   */
  failureDomain?: string | undefined;
  /**
   * Roles that you give; the database's own are assigned automatically and shown in status.roles. When three or more members have control-plane, only those get database roles. ovn-chassis marks a gateway for OVN networks; as long as those are not served, it has no effect. event-hub marks members over which events would be exchanged; here every member gets all events, so it has no effect and is accepted for what LXD 5 clusters carry along.
   *
   * @maxItems 3
   */
  roles?: ('control-plane' | 'ovn-chassis' | 'event-hub')[] | undefined;
  /**
   * The cluster groups that it belongs to, at least one. Default: the group "default". LXD: groups.
   *
   * @minItems 1
   * @maxItems 100
   */
  groups?: string[] | undefined;
  /**
   * Which instances may be placed here automatically. all: any. group: only those that ask for a group of this member. manual: none, only those that name this member. Default all. LXD: scheduler.instance.
   */
  scheduling?: ('all' | 'group' | 'manual') | undefined;
  /**
   * Takes the member out of service for maintenance: it gets no new instances and gives up its database roles. Its instances stay and keep running: moving them is not served by this release. Default false. LXD: lxc cluster evacuate and restore.
   */
  evacuated?: boolean | undefined;
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
 * What the member and the controllers report.
 */
export interface MemberStatus {
  /**
   * The member's id in the database, a number of up to 63 bits written as text. Never used again.
   */
  id?: string | undefined;
  /**
   * Online: heard from in time. Offline: not heard from for longer than the offline threshold; its instances may well be running. Evacuated: out of service for maintenance. Blocked: online, but of a version that cannot work with the others.
   */
  state?: ('Online' | 'Offline' | 'Evacuated' | 'Blocked') | undefined;
  /**
   * Where the other members reach it while it cannot move to spec.address; absent when it is there. The condition Listening says what is in the way.
   */
  address?: string | undefined;
  /**
   * Why it is in this state, in one sentence.
   */
  message?: string | undefined;
  /**
   * When it came into this state.
   */
  since?: string | undefined;
  /**
   * The roles that it holds now: database-leader, database-voter or database-standby, and those of spec.roles.
   */
  roles?: string[] | undefined;
  /**
   * Its part in the database. voter: a copy and a vote. stand-by: a copy. spare: neither.
   */
  databaseRole?: ('voter' | 'stand-by' | 'spare') | undefined;
  /**
   * The machine's architecture in the kernel's words, such as x86_64 or aarch64.
   */
  architecture?: string | undefined;
  /**
   * The version of musterd that runs there.
   */
  version?: string | undefined;
  featureLevels?: MemberStatusFeatureLevels | undefined;
  /**
   * The release of its kernel.
   */
  kernel?: string | undefined;
  /**
   * The IP addresses of the host, loopback and managed networks left out.
   */
  addresses?: string[] | undefined;
  capacity?: MemberStatusCapacity | undefined;
  /**
   * How many instances are placed on it, running or not.
   */
  instanceCount?: number | undefined;
  /**
   * The fingerprint by which the other members know it: SHA-256 in hex over its public key (DER, SubjectPublicKeyInfo).
   */
  publicKeySha256?: string | undefined;
  /**
   * Online is True while the leader hears from the member in time; DiskPressure while the disk of its database is nearly full. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * What its release can do, as numbers that rise from release to release. The cluster works at the level of its oldest live member.
 */
export interface MemberStatusFeatureLevels {
  /**
   * The highest level at which it can work.
   */
  newest?: number | undefined;
  /**
   * The lowest level at which it can still work.
   */
  oldest?: number | undefined;
}
/**
 * What the host has.
 */
export interface MemberStatusCapacity {
  /**
   * Logical CPUs.
   */
  cpus?: number | undefined;
  /**
   * Memory, in bytes.
   */
  memoryBytes?: number | undefined;
}
