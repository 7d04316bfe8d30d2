// generated from crds/storage-pool.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A place for the disks of instances, on every member under the same name: one driver and its settings, and each member's own part where members differ. A member that is down gets its part when it is back.
 */
export interface StoragePool {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: StoragePoolSpec;
  status?: StoragePoolStatus | undefined;
}
/**
 * The pool that you want.
 */
export interface StoragePoolSpec {
  /**
   * What keeps the volumes. Local, each member its own: dir, btrfs, lvm, zfs. Remote, every member the same: ceph, cephfs, cephobject, linstor, powerflex, powerstore, pure, alletra, truenas. Cannot be changed.
   */
  driver:
    | 'dir'
    | 'btrfs'
    | 'lvm'
    | 'zfs'
    | 'ceph'
    | 'cephfs'
    | 'cephobject'
    | 'linstor'
    | 'powerflex'
    | 'powerstore'
    | 'pure'
    | 'alletra'
    | 'truenas';
  /**
   * A note for people.
   */
  description?: string | undefined;
  /**
   * Free-form keys for your own use; each starts with "user.".
   */
  config?:
    | {
        [k: string]: string;
      }
    | undefined;
  /**
   * What differs from member to member. A member without an entry uses the defaults.
   *
   * @maxItems 1000
   */
  members?: StoragePoolMember[] | undefined;
}
/**
 * One member's part.
 */
export interface StoragePoolMember {
  /**
   * The name of the Member.
   */
  name: string;
  /**
   * For dir: an absolute path of an empty or absent folder; default a folder of the member's data directory. It cannot be changed once the member has its part. LXD: source.
   */
  source?: string | undefined;
}
/**
 * What the members and the controllers report.
 */
export interface StoragePoolStatus {
  /**
   * The pool on each member. Each entry is written by that member.
   */
  members?: StoragePoolStatusMember[] | undefined;
  /**
   * Ready is True when every member that is online has Created its part; InUse while an instance or a profile names the pool. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One member's part.
 */
export interface StoragePoolStatusMember {
  /**
   * The name of the Member.
   */
  name: string;
  /**
   * Pending: being made. Created: usable. Errored: it could not be made; tried again. Deleting: being taken down.
   */
  state: 'Created' | 'Pending' | 'Errored' | 'Deleting';
  /**
   * What went wrong or is being waited for, in one sentence.
   */
  message?: string | undefined;
  /**
   * Where it really is.
   */
  source?: string | undefined;
  /**
   * The size of what it lies on, in bytes.
   */
  totalBytes?: number | undefined;
  /**
   * How much of that is taken, in bytes.
   */
  usedBytes?: number | undefined;
}
