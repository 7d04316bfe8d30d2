// generated from crds/instance.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A system container or virtual machine: a whole Linux with its own init, made from an image and placed on one member. It stays there until it is moved; while musterd restarts it keeps running.
 */
export interface Instance {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: InstanceSpec;
  status?: InstanceStatus | undefined;
}
/**
 * The instance that you want.
 */
export interface InstanceSpec {
  /**
   * container: shares the member's kernel. virtual-machine: has its own. Default container. Cannot be changed.
   */
  type?: ('container' | 'virtual-machine') | undefined;
  /**
   * The name of an Image in the same namespace. Used once, when the instance is made, and cannot be changed afterwards.
   */
  image: string;
  /**
   * The Profiles of the same namespace that it builds on, in order; a later one wins over an earlier one and the instance's own settings over all. Default: the profile "default"; an empty list for none.
   *
   * @maxItems 50
   */
  profiles?: string[] | undefined;
  /**
   * Whether it should run. Default true. Set to false it is shut down; back to true, started again. LXD: lxc start and stop.
   */
  running?: boolean | undefined;
  /**
   * A note for people.
   */
  description?: string | undefined;
  /**
   * The architecture that its member must have, such as x86_64 or aarch64. Default: the image's. LXD: architecture.
   */
  architecture?:
    | (
        | 'x86_64'
        | 'i686'
        | 'aarch64'
        | 'armv8l'
        | 'armv7l'
        | 'armv6l'
        | 'ppc64le'
        | 's390x'
        | 'riscv64'
        | 'loongarch64'
      )
    | undefined;
  placement?: InstancePlacement | undefined;
  /**
   * What happens to it when its member is evacuated. auto: moved where its devices allow it, else stopped. migrate: stopped, moved and started. live-migrate: moved while running. stop: stopped, stays. stateful-stop: stopped with its memory on disk. force-stop: killed, stays. refresh-migrate: copied while running, stopped only for the last changes. Default auto, the only value that this release serves; until moving is served, auto leaves it where it is, running. LXD: cluster.evacuate.
   */
  evacuation?:
    | ('auto' | 'migrate' | 'live-migrate' | 'stop' | 'stateful-stop' | 'force-stop' | 'refresh-migrate')
    | undefined;
  resources?: InstanceResources | undefined;
  security?: InstanceSecurity | undefined;
  migration?: InstanceMigration | undefined;
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
        [k: string]: InstanceDevice;
      }
    | undefined;
}
/**
 * Where it goes when it is placed. Without any of these, to the member with the fewest instances. A change does not move it.
 */
export interface InstancePlacement {
  /**
   * The name of a Member: there and nowhere else, whatever its scheduling mode, its architecture and the placement group say. LXD: --target=MEMBER.
   */
  member?: string | undefined;
  /**
   * The name of a ClusterGroup: on one of its members. LXD: --target=@GROUP.
   */
  clusterGroup?: string | undefined;
  /**
   * The name of a PlacementGroup in the same namespace: as its rule says. LXD: placement.group.
   */
  placementGroup?: string | undefined;
}
/**
 * How much of its member it may use.
 */
export interface InstanceResources {
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
export interface InstanceSecurity {
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
export interface InstanceMigration {
  /**
   * Whether a virtual machine keeps running while it moves. Default false, the only value that this release serves. LXD: migration.stateful.
   */
  stateful?: boolean | undefined;
}
/**
 * One device. What its type needs stands under the field of that name.
 */
export interface InstanceDevice {
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
  disk?: InstanceDeviceDisk | undefined;
  nic?: InstanceDeviceNic | undefined;
}
/**
 * For type disk. Every instance needs one with path "/", its root disk.
 */
export interface InstanceDeviceDisk {
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
export interface InstanceDeviceNic {
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
 * What the controllers and the member report.
 */
export interface InstanceStatus {
  /**
   * What it is, container or virtual-machine; also where the spec leaves it out.
   */
  type?: ('container' | 'virtual-machine') | undefined;
  /**
   * The member that it is placed on. Set by the controller; stays until it is moved.
   */
  member?: string | undefined;
  /**
   * Rises each time the instance is given to a member. A member that knows only an older epoch must not start it, so that it never runs twice.
   */
  epoch?: number | undefined;
  /**
   * What it is doing. Pending: waits for its image, pool, network or a member. Preparing: its disk is being made. Stopped, Starting, Running, Stopping, Frozen as they say. Error: its member tries again; the conditions say what is wrong.
   */
  state?:
    | ('Pending' | 'Preparing' | 'Stopped' | 'Starting' | 'Running' | 'Stopping' | 'Frozen' | 'Error')
    | undefined;
  /**
   * The process id of its init, seen from its member. Absent while it does not run.
   */
  pid?: number | undefined;
  /**
   * When it was last started. Absent while it does not run.
   */
  startedAt?: string | undefined;
  /**
   * The addresses of its interfaces, loopback and link-local ones left out, IPv4 first.
   */
  addresses?: InstanceStatusAddress[] | undefined;
  /**
   * The digest of the image that it was really made from.
   */
  imageDigest?: string | undefined;
  /**
   * Resolved: all that it names exists. Placed: it has a member. Both are the controller's. Prepared: its disk is made. Running: it runs. Ready: it is as the spec wants it, running with an address on every network or stopped. These are its member's; while it has none, the controller says in Ready what keeps it from getting one. Each condition says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One address.
 */
export interface InstanceStatusAddress {
  /**
   * The interface's name inside.
   */
  interface: string;
  /**
   * inet for IPv4, inet6 for IPv6.
   */
  family: 'inet' | 'inet6';
  /**
   * The address, without the size of its subnet.
   */
  address: string;
  /**
   * The Network that the interface is attached to.
   */
  network?: string | undefined;
}
