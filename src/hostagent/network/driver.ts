/** What one kind of network implements. Deciding what to do is `plan.ts`; drivers look and act. */
export interface NetworkDriver {
  readonly type: 'bridge';

  /** Turns the wish into the texts and values to compare the host with. Pure. */
  render(spec: NetworkSpec): RenderedNetwork;

  /** Reads the host. No side effects; what is absent is absent from the result, not an error. */
  observe(network: NetworkRef, signal: AbortSignal): Promise<NetworkObservation>;

  /** Does one step. A step that is already done succeeds and changes nothing. */
  apply(network: NetworkRef, step: NetworkStep, signal: AbortSignal): Promise<void>;
}

export interface NetworkRef {
  readonly name: string;
  readonly uid: string;
  /** Name of the interface on this host, at most 15 characters. */
  readonly interface: string;
}

export interface NetworkSpec extends NetworkRef {
  readonly hwaddr: string;
  readonly mtu: number;
  readonly ipv4?: Ipv4Spec;
  readonly ipv6?: Ipv6Spec;
  readonly dns: DnsSpec;
  /** Interfaces of the host that become ports. */
  readonly externalInterfaces: readonly string[];
}

export interface Ipv4Spec {
  /** The gateway's address with the subnet's size, `10.5.0.1/24`. */
  readonly address: string;
  readonly hasNat: boolean;
  readonly hasDhcp: boolean;
  /** `FIRST-LAST` each; empty for the whole subnet. */
  readonly dhcpRanges: readonly string[];
  readonly dhcpExpirySeconds: number;
}

export interface Ipv6Spec {
  readonly address: string;
  readonly hasNat: boolean;
  readonly hasDhcp: boolean;
}

export interface DnsSpec {
  readonly domain: string;
  readonly mode: 'dynamic' | 'managed' | 'none';
}

/** One interface of an instance, for DHCP and DNS. */
export interface NetworkHost {
  /** Unique in the network: the host's end of the interface. */
  readonly id: string;
  readonly hwaddr: string;
  /** The name to be found by; absent where the network gives none. */
  readonly name?: string;
  readonly ipv4Address?: string;
  readonly ipv6Address?: string;
}

export interface RenderedNetwork {
  readonly link: LinkSpec;
  readonly firewall: RenderedText;
  /** DHCP and DNS; absent when the network has neither. */
  readonly service?: RenderedText;
  readonly forwardsIpv4: boolean;
  readonly forwardsIpv6: boolean;
}

export interface RenderedText {
  readonly text: string;
  /** What the host is asked for, instead of comparing texts. */
  readonly digest: string;
}

export interface LinkSpec {
  readonly hwaddr: string;
  readonly mtu: number;
  /** CIDR form. */
  readonly addresses: readonly string[];
  readonly ports: readonly string[];
}

export interface NetworkObservation {
  readonly link?: LinkObservation;
  readonly firewallDigest?: string;
  readonly serviceDigest?: string;
  readonly forwardsIpv4: boolean;
  readonly forwardsIpv6: boolean;
  /** Ids of the hosts that DHCP and DNS know. */
  readonly hostIds: readonly string[];
}

export interface LinkObservation extends LinkSpec {
  /** The uid of the network it was made for; absent for an interface that is not ours. */
  readonly ownerUid?: string;
  readonly isUp: boolean;
}

export type NetworkStep =
  | { readonly action: 'createLink'; readonly link: LinkSpec }
  | { readonly action: 'configureLink'; readonly link: LinkSpec; readonly staleAddresses: readonly string[] }
  | { readonly action: 'enableForwarding'; readonly family: 'ipv4' | 'ipv6' }
  | { readonly action: 'applyFirewall'; readonly firewall: RenderedText }
  | { readonly action: 'startService'; readonly service: RenderedText }
  | { readonly action: 'stopService' }
  | { readonly action: 'putHost'; readonly host: NetworkHost }
  | { readonly action: 'removeHost'; readonly id: string }
  /** The interface, its rules, its service and its files. */
  | { readonly action: 'deleteNetwork' };
