import type { SimNetwork, SimStore } from '../../sim/sim-state.ts';
import type { NetworkDriver, NetworkObservation, NetworkRef, NetworkStep } from '../driver.ts';

/** Bridges on paper: what is rendered is the real thing, what is applied is remembered. */
export function createSimNetworkDriver(store: SimStore, render: NetworkDriver['render']): NetworkDriver {
  return {
    type: 'bridge',
    render,
    observe: (ref) => Promise.resolve(observe(store.host.networks.get(ref.interface))),
    async apply(ref, step, signal) {
      signal.throwIfAborted();
      if (step.action === 'deleteNetwork') {
        await store.change(({ networks }) => networks.delete(ref.interface));
        return;
      }
      await store.change(({ networks }) => {
        const network = networks.get(ref.interface) ?? newNetwork(ref);
        networks.set(ref.interface, network);
        applyStep(network, step);
      });
    },
  };
}

function newNetwork({ uid }: NetworkRef): SimNetwork {
  return { uid, forwardsIpv4: false, forwardsIpv6: false, hosts: {} };
}

function observe(network: SimNetwork | undefined): NetworkObservation {
  if (network === undefined) return { forwardsIpv4: false, forwardsIpv6: false, hostIds: [] };
  const { uid, link, firewallDigest, serviceDigest, forwardsIpv4, forwardsIpv6, hosts } = network;
  return {
    ...(link === undefined ? {} : { link: { ...link, ownerUid: uid, isUp: true } }),
    ...(firewallDigest === undefined ? {} : { firewallDigest }),
    ...(serviceDigest === undefined ? {} : { serviceDigest }),
    forwardsIpv4,
    forwardsIpv6,
    hostIds: Object.keys(hosts),
  };
}

function applyStep(network: SimNetwork, step: Exclude<NetworkStep, { action: 'deleteNetwork' }>): void {
  switch (step.action) {
    case 'createLink':
    case 'configureLink':
      network.link = step.link;
      return;
    case 'enableForwarding':
      if (step.family === 'ipv4') network.forwardsIpv4 = true;
      else network.forwardsIpv6 = true;
      return;
    case 'applyFirewall':
      network.firewallDigest = step.firewall.digest;
      return;
    case 'startService':
      network.serviceDigest = step.service.digest;
      return;
    case 'stopService':
      delete network.serviceDigest;
      return;
    case 'putHost':
      network.hosts[step.host.id] = step.host;
      return;
    case 'removeHost':
      Reflect.deleteProperty(network.hosts, step.id);
      return;
  }
}
