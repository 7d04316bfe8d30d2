// generated from crds/profile.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * Settings that several instances share. A change reaches every instance that builds on it: at once where that is possible, otherwise when the instance is started the next time.
 */
export interface Profile {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ProfileSpec;
  status?: ProfileStatus | undefined;
}
/**
 * The settings.
 */
export interface ProfileSpec {
  /**
   * A note for people.
   */
  description?: string | undefined;
  resources?: ProfileResources | undefined;
  security?: ProfileSecurity | undefined;
  migration?: ProfileMigration | undefined;
  /**
   * Further settings by key: "environment." and the name of a variable that everything inside sees, "user." and a name for your own use. Other keys of LXD are fields here or not served. The instance's own value wins over its profiles', a later profile's over an earlier one's.
   */
  config?:
    | {
        [k: string]: string;
      }
    | undefined;
  /**
   * Disks, network cards and so on, by a name of your choice. A device of the same name in a later profile, or in the instance itself, takes the place of the earlier one as a whole.
   */
  devices?:
    | {
        [k: string]: ProfileDevice;
      }
    | undefined;
}
/**
 * How much of its member it may use.
 */
export interface ProfileResources {
  /**
   * How many CPUs it may use at a time, 1 to 4096. Default: all of the member's. LXD: limits.cpu.
   */
  cpus?: number | undefined;
  /**
   * How much memory it may use: a number with Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (of 1000), with or without a closing B: "512Mi", "512MiB", "2GB". Default: all of the member's. LXD: limits.memory.
   */
  memory?: string | undefined;
}
/**
 * What it may do to the member, and what may be done to it.
 */
export interface ProfileSecurity {
  /**
   * Whether containers may run inside it. Default false, the only value that this release serves. LXD: security.nesting.
   */
  nesting?: boolean | undefined;
  /**
   * Whether root inside is root on the member. Default false, the only value that this release serves: inside, root has the id of a nobody. LXD: security.privileged.
   */
  privileged?: boolean | undefined;
  /**
   * Whether deleting it is refused. Default false, the only value that this release serves. LXD: security.protection.delete.
   */
  protectedFromDeletion?: boolean | undefined;
  /**
   * Whether starting it is refused. Default false, the only value that this release serves; set running to false instead. LXD: security.protection.start.
   */
  protectedFromStart?: boolean | undefined;
}
/**
 * How it moves from member to member.
 */
export interface ProfileMigration {
  /**
   * Whether a virtual machine keeps running while it moves. Default false, the only value that this release serves. LXD: migration.stateful.
   */
  stateful?: boolean | undefined;
}
/**
 * One device. What its type needs stands under the field of that name.
 */
export interface ProfileDevice {
  /**
   * What it is. none leaves out the device of that name that a profile brings.
   */
  type:
    | 'none'
    | 'disk'
    | 'nic'
    | 'unix-char'
    | 'unix-block'
    | 'unix-hotplug'
    | 'usb'
    | 'gpu'
    | 'infiniband'
    | 'proxy'
    | 'tpm'
    | 'pci';
  disk?: ProfileDeviceDisk | undefined;
  nic?: ProfileDeviceNic | undefined;
}
/**
 * For type disk. Every instance needs one with path "/", its root disk.
 */
export interface ProfileDeviceDisk {
  /**
   * Where it is mounted inside. This release serves only "/", the root disk. LXD: path.
   */
  path: '/';
  /**
   * The StoragePool that keeps it. Needed for the root disk. LXD: pool.
   */
  pool?: string | undefined;
}
/**
 * For type nic.
 */
export interface ProfileDeviceNic {
  /**
   * The Network that it is attached to. LXD: network.
   */
  network: string;
  /**
   * The interface's name inside, at most 15 characters. Default: the device's name. LXD: name.
   */
  name?: string | undefined;
  /**
   * Its MAC address, in small letters. By default worked out from the instance, so that it stays the same. LXD: hwaddr.
   */
  hwaddr?: string | undefined;
  /**
   * The largest packet, in bytes. Default: the network's. LXD: mtu.
   */
  mtu?: number | undefined;
  /**
   * The IPv4 address that DHCP always gives to it, within the network's subnet. LXD: ipv4.address.
   */
  ipv4Address?: string | undefined;
  /**
   * The IPv6 address that DHCPv6 always gives to it, within the network's subnet. LXD: ipv6.address.
   */
  ipv6Address?: string | undefined;
}
/**
 * What the controllers report.
 */
export interface ProfileStatus {
  /**
   * How many instances build on it.
   */
  usedByCount?: number | undefined;
  /**
   * Resolved is True when the pools and networks that it names exist; InUse while an instance builds on it. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
