import type { Cluster, ClusterSpec } from './generated/cluster.ts';
import type { Image } from './generated/image.ts';
import type { InstanceSpec } from './generated/instance.ts';
import type { MemberSpec } from './generated/member.ts';
import type { Network, NetworkSpec } from './generated/network.ts';
import { defaultClusterGroup, defaultProfile } from './names.ts';

/**
 * Defaults are applied when a value is read, never written into a spec: what a person left out stays left out, and
 * follows a later release. The descriptions in crds/ say the same values.
 */
export type ClusterSettings = {
  readonly [K in Exclude<keyof ClusterSpec, 'oidc' | 'virtualAddress'>]-?: NonNullable<ClusterSpec[K]>;
};

const clusterDefaults: ClusterSettings = {
  maxVoters: 3,
  maxStandby: 2,
  offlineThresholdSeconds: 20,
  healingThresholdSeconds: 0,
  imagesMinimalReplica: 3,
  joinTokenExpiry: '3H',
};

/** What holds for the cluster; also before its object exists. */
export function clusterSettings(cluster: Cluster | undefined): ClusterSettings {
  const spec = cluster?.spec ?? {};
  return {
    maxVoters: spec.maxVoters ?? clusterDefaults.maxVoters,
    maxStandby: spec.maxStandby ?? clusterDefaults.maxStandby,
    offlineThresholdSeconds: spec.offlineThresholdSeconds ?? clusterDefaults.offlineThresholdSeconds,
    healingThresholdSeconds: spec.healingThresholdSeconds ?? clusterDefaults.healingThresholdSeconds,
    imagesMinimalReplica: spec.imagesMinimalReplica ?? clusterDefaults.imagesMinimalReplica,
    joinTokenExpiry: spec.joinTokenExpiry ?? clusterDefaults.joinTokenExpiry,
  };
}

export function memberSettings(spec: MemberSpec) {
  return {
    failureDomain: spec.failureDomain ?? 'default',
    roles: spec.roles ?? [],
    groups: spec.groups ?? [defaultClusterGroup],
    scheduling: spec.scheduling ?? 'all',
    evacuated: spec.evacuated ?? false,
  } as const;
}

/** `[]` is a choice, namely none; only an absent list means the default. */
export function instanceProfiles({ profiles }: Pick<InstanceSpec, 'profiles'>): readonly string[] {
  return profiles ?? [defaultProfile];
}

export function wantsRunning({ running }: Pick<InstanceSpec, 'running'>): boolean {
  return running ?? true;
}

export function instanceType({ type }: Pick<InstanceSpec, 'type'>): NonNullable<InstanceSpec['type']> {
  return type ?? 'container';
}

export function imageType({ spec }: Image): NonNullable<Image['spec']['type']> {
  return spec.type ?? 'container';
}

export interface NetworkSettings {
  readonly bridge: ReturnType<typeof bridgeSettings>;
  readonly ipv4: ReturnType<typeof ipv4Settings>;
  readonly ipv6: ReturnType<typeof ipv6Settings>;
  readonly dns: ReturnType<typeof dnsSettings>;
}

export function networkSettings({ spec }: Network): NetworkSettings {
  return {
    bridge: bridgeSettings(spec.bridge),
    ipv4: ipv4Settings(spec.ipv4),
    ipv6: ipv6Settings(spec.ipv6),
    dns: dnsSettings(spec.dns),
  };
}

/** `hwaddr` has no default here: it is worked out of the cluster's id and the network's name. */
function bridgeSettings({ driver, mode, mtu, hwaddr }: NonNullable<NetworkSpec['bridge']> = {}) {
  return { driver: driver ?? 'native', mode: mode ?? 'standard', mtu: mtu ?? 1_500, hwaddr } as const;
}

function ipv4Settings(ipv4: NonNullable<NetworkSpec['ipv4']> = {}) {
  return {
    address: ipv4.address ?? 'auto',
    nat: ipv4.nat ?? true,
    dhcp: ipv4.dhcp ?? true,
    dhcpRanges: ipv4.dhcpRanges ?? [],
    dhcpExpirySeconds: ipv4.dhcpExpirySeconds ?? 3_600,
  } as const;
}

/** Whether `nat` is on by default depends on the subnet that is chosen. */
function ipv6Settings({ address, nat, dhcp }: NonNullable<NetworkSpec['ipv6']> = {}) {
  return { address: address ?? 'none', nat, dhcp: dhcp ?? true } as const;
}

function dnsSettings({ domain, mode }: NonNullable<NetworkSpec['dns']> = {}) {
  return { domain: domain ?? 'muster', mode: mode ?? 'managed' } as const;
}
