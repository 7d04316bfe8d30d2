import { networkSettings } from '../../api/defaults.ts';
import { expandInstance } from '../../api/expand-instance.ts';
import type { Network } from '../../api/generated/network.ts';
import { formatKey } from '../../api/resource.ts';
import { buildNetworkSpec } from '../network/build-network-spec.ts';
import type { NetworkHost } from '../network/driver.ts';
import { isServedType, type NetworkDrivers } from '../network/network-agent.ts';
import { planNetwork } from '../network/plan.ts';
import type { AttachNics, InstanceInformers } from './instance-agent.ts';
import { buildNetworkHost } from './resolve-instance.ts';

/** What DHCP and DNS of a network have to know of the instances on this host. */
export function listNetworkHosts(
  network: Network,
  { instances, profiles }: Pick<InstanceInformers, 'instances' | 'profiles'>,
): readonly NetworkHost[] {
  return instances.list().flatMap((instance) => {
    const { namespace = 'default' } = instance.metadata;
    const expansion = expandInstance(instance, (name) => profiles.get(formatKey({ namespace, name })));
    if (expansion.kind !== 'expanded') return [];
    return [...expansion.instance.devices].flatMap(([device, { nic }]) =>
      nic?.network === network.metadata.name ? [buildNetworkHost(instance, device, nic, network)] : [],
    );
  });
}

/**
 * Before a start: the status may say `Created` from before the host was booted, and an address that is fixed
 * must be known before the instance asks for one.
 */
export function createNicAttachment(drivers: NetworkDrivers, memberName: string): AttachNics {
  return async (nics, signal) => {
    for (const { network, host } of nics) {
      const { name } = network.metadata;
      const { type } = network.spec;
      if (!isServedType(type, drivers)) return `network ${name} is of a type that is not served here`;
      const driver = drivers[type];
      const spec = buildNetworkSpec(network, memberName);
      const missing = planNetwork(driver.render(spec), await driver.observe(spec, signal), spec.uid);
      if (missing.length > 0) return `network ${name} is not up on this member yet`;
      if (networkSettings(network).ipv4.dhcp) await driver.apply(spec, { action: 'putHost', host }, signal);
    }
    return undefined;
  };
}
