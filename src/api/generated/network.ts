// generated from crds/network.yaml; do not edit
import type { Condition, ObjectMeta } from '../meta.ts';

/**
 * A network that instances are attached to, on every member under the same name. A bridge is a layer of its own on each member: the same subnet and gateway everywhere, joined only through external interfaces.
 */
export interface Network {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: NetworkSpec;
  status?: NetworkStatus | undefined;
}
/**
 * The network that you want.
 */
export interface NetworkSpec {
  /**
   * bridge: a bridge on each member. ovn: a virtual network over all members. macvlan, sriov, physical: instances on an existing interface of the member. Cannot be changed.
   */
  type: 'bridge' | 'ovn' | 'macvlan' | 'sriov' | 'physical';
  /**
   * A note for people.
   */
  description?: string | undefined;
  bridge?: NetworkBridge | undefined;
  ipv4?: NetworkIpv4 | undefined;
  ipv6?: NetworkIpv6 | undefined;
  dns?: NetworkDns | undefined;
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
  members?: NetworkMember[] | undefined;
}
/**
 * Settings of type bridge.
 */
export interface NetworkBridge {
  /**
   * native: the kernel's own bridge. openvswitch: an Open vSwitch bridge. Default native. LXD: bridge.driver.
   */
  driver?: ('native' | 'openvswitch') | undefined;
  /**
   * standard: a subnet of its own. fan: an overlay over all members, computed from their addresses. Default standard. LXD: bridge.mode.
   */
  mode?: ('standard' | 'fan') | undefined;
  /**
   * The largest packet, in bytes; 1280 to 9216, default 1500. LXD: bridge.mtu.
   */
  mtu?: number | undefined;
  /**
   * The bridge's MAC address. By default worked out from the cluster and the network, so that it is the same on every member and survives a restart. LXD: bridge.hwaddr.
   */
  hwaddr?: string | undefined;
}
/**
 * The IPv4 subnet.
 */
export interface NetworkIpv4 {
  /**
   * The gateway's address and the subnet's size as in "10.5.0.1/24"; "auto" to have a free private /24 chosen; "none" for no IPv4. Default auto. The choice made is in status.ipv4Address and stays. LXD: ipv4.address.
   */
  address?: string | undefined;
  /**
   * Whether what leaves the subnet gets the member's own address, so that instances reach the world. Default true. LXD: ipv4.nat.
   */
  nat?: boolean | undefined;
  /**
   * Whether instances get their address by DHCP. Default true. LXD: ipv4.dhcp.
   */
  dhcp?: boolean | undefined;
  /**
   * The addresses to give out, each "FIRST-LAST". Default: all of the subnet but the gateway. LXD: ipv4.dhcp.ranges.
   *
   * @maxItems 32
   */
  dhcpRanges?: string[] | undefined;
  /**
   * For how long an address is lent, in seconds; at least 120, default 3600. LXD: ipv4.dhcp.expiry.
   */
  dhcpExpirySeconds?: number | undefined;
}
/**
 * The IPv6 subnet.
 */
export interface NetworkIpv6 {
  /**
   * The gateway's address and the subnet's size as in "fd42:5::1/64"; "auto" to have a random unique-local /64 chosen; "none" for no IPv6. Default none. LXD: ipv6.address.
   */
  address?: string | undefined;
  /**
   * Whether what leaves the subnet gets the member's own address. Default true with a unique-local subnet, else false. LXD: ipv6.nat.
   */
  nat?: boolean | undefined;
  /**
   * Whether router advertisements and DHCPv6 tell instances their address. Default true. LXD: ipv6.dhcp.
   */
  dhcp?: boolean | undefined;
}
/**
 * Names for the instances on this network.
 */
export interface NetworkDns {
  /**
   * The domain in which instances are found by name, on this member. Default "muster". LXD: dns.domain.
   */
  domain?: string | undefined;
  /**
   * managed: a name for each instance, by its own name. dynamic: the name that the instance tells. none: no names. Default managed. LXD: dns.mode.
   */
  mode?: ('managed' | 'dynamic' | 'none') | undefined;
}
/**
 * One member's part.
 */
export interface NetworkMember {
  /**
   * The name of the Member.
   */
  name: string;
  /**
   * The interface of the member that instances are put on, for macvlan, sriov and physical. LXD: parent.
   */
  parent?: string | undefined;
  /**
   * Interfaces of the member that become ports of the bridge. They must have no address. LXD: bridge.external_interfaces.
   *
   * @maxItems 32
   */
  externalInterfaces?: string[] | undefined;
}
/**
 * What the members and the controllers report.
 */
export interface NetworkStatus {
  /**
   * The gateway's IPv4 address and the subnet's size; absent without IPv4.
   */
  ipv4Address?: string | undefined;
  /**
   * The gateway's IPv6 address and the subnet's size; absent without IPv6.
   */
  ipv6Address?: string | undefined;
  /**
   * The network on each member. Each entry is written by that member.
   */
  members?: NetworkStatusMember[] | undefined;
  /**
   * Allocated is True once the subnet is chosen; Ready when every member that is online has Created its part; InUse while an instance or a profile names the network. Each condition has one owner and says in its message what is missing and what would help.
   */
  conditions?: Condition[] | undefined;
}
/**
 * One member's part.
 */
export interface NetworkStatusMember {
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
}
