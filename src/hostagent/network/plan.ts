import type {
  LinkObservation,
  LinkSpec,
  NetworkHost,
  NetworkObservation,
  NetworkStep,
  RenderedNetwork,
} from './driver.ts';

/**
 * What is missing, in the order in which it can work: the service listens on the interface, and forwarding
 * comes after the rules that guard it. Ports of instances are not ours to judge.
 */
export function planNetwork(
  wanted: RenderedNetwork,
  observed: NetworkObservation,
  uid: string,
): readonly NetworkStep[] {
  const { firewallDigest, link } = observed;
  // A network of the same name that the API does not know any more.
  if (link?.ownerUid !== undefined && link.ownerUid !== uid) return [{ action: 'deleteNetwork' }];
  const firewall: readonly NetworkStep[] =
    firewallDigest === wanted.firewall.digest ? [] : [{ action: 'applyFirewall', firewall: wanted.firewall }];
  return [
    ...planLink(wanted.link, link),
    ...firewall,
    ...planForwarding(wanted, observed),
    ...planService(wanted, observed),
  ];
}

function planLink(wanted: LinkSpec, observed: LinkObservation | undefined): readonly NetworkStep[] {
  if (observed === undefined) return [{ action: 'createLink', link: wanted }];
  if (isAsWanted(wanted, observed)) return [];
  const staleAddresses = observed.addresses.filter((address) => !wanted.addresses.includes(address));
  return [{ action: 'configureLink', link: wanted, staleAddresses }];
}

function planForwarding(wanted: RenderedNetwork, observed: NetworkObservation): readonly NetworkStep[] {
  const families = [
    ...(wanted.forwardsIpv4 && !observed.forwardsIpv4 ? (['ipv4'] as const) : []),
    ...(wanted.forwardsIpv6 && !observed.forwardsIpv6 ? (['ipv6'] as const) : []),
  ];
  return families.map((family) => ({ action: 'enableForwarding', family }));
}

/** A service whose interface went away listens on nothing: it is started anew with it. */
function planService({ service }: RenderedNetwork, observed: NetworkObservation): readonly NetworkStep[] {
  const { link, serviceDigest } = observed;
  if (service === undefined) return serviceDigest === undefined ? [] : [{ action: 'stopService' }];
  const isUp = link !== undefined && serviceDigest === service.digest;
  return isUp ? [] : [{ action: 'startService', service }];
}

/** Forwarding stays on: others on this host may have come to rely on it. */
export function planNetworkRemoval(observed: NetworkObservation, uid: string): readonly NetworkStep[] {
  const isOurs = observed.link === undefined || observed.link.ownerUid === uid;
  const isGone =
    observed.link === undefined &&
    observed.firewallDigest === undefined &&
    observed.serviceDigest === undefined;
  return isOurs && !isGone ? [{ action: 'deleteNetwork' }] : [];
}

function isAsWanted(wanted: LinkSpec, observed: LinkObservation): boolean {
  return (
    observed.isUp &&
    observed.ownerUid !== undefined &&
    observed.hwaddr === wanted.hwaddr &&
    observed.mtu === wanted.mtu &&
    hasSame(observed.addresses, wanted.addresses) &&
    wanted.ports.every((port) => observed.ports.includes(port))
  );
}

function hasSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

/** Known hosts are put again: a step that is done already costs nothing, and their addresses may have changed. */
export function planHosts(
  wanted: readonly NetworkHost[],
  { hostIds }: Pick<NetworkObservation, 'hostIds'>,
): readonly NetworkStep[] {
  const stale = hostIds.filter((id) => wanted.every((host) => host.id !== id));
  return [
    ...stale.map((id) => ({ action: 'removeHost', id }) as const),
    ...wanted.map((host) => ({ action: 'putHost', host }) as const),
  ];
}
