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
  const steps: NetworkStep[] = [];
  const { link } = observed;
  // A network of the same name that the API does not know any more.
  if (link?.ownerUid !== undefined && link.ownerUid !== uid) return [{ action: 'deleteNetwork' }];
  if (link === undefined) steps.push({ action: 'createLink', link: wanted.link });
  else if (!isAsWanted(wanted.link, link)) {
    const staleAddresses = link.addresses.filter((address) => !wanted.link.addresses.includes(address));
    steps.push({ action: 'configureLink', link: wanted.link, staleAddresses });
  }
  if (observed.firewallDigest !== wanted.firewall.digest) {
    steps.push({ action: 'applyFirewall', firewall: wanted.firewall });
  }
  if (wanted.forwardsIpv4 && !observed.forwardsIpv4)
    steps.push({ action: 'enableForwarding', family: 'ipv4' });
  if (wanted.forwardsIpv6 && !observed.forwardsIpv6)
    steps.push({ action: 'enableForwarding', family: 'ipv6' });
  if (wanted.service === undefined) {
    if (observed.serviceDigest !== undefined) steps.push({ action: 'stopService' });
  } else if (link === undefined || observed.serviceDigest !== wanted.service.digest) {
    steps.push({ action: 'startService', service: wanted.service });
  }
  return steps;
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
