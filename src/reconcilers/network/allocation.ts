import { networkSettings } from '../../api/defaults.ts';
import type { Network } from '../../api/generated/network.ts';
import type { Draft } from '../draft.ts';
import type { Outcome, Step } from '../step.ts';
import { chooseIpv4Subnet, chooseIpv6Subnet } from './choose-subnet.ts';

export interface AllocationDeps {
  readonly listNetworks: () => readonly Network[];
  /** Subnets that are not ours to take: those in which the members themselves live. */
  readonly listForeignSubnets: () => readonly string[];
}

/** Gives a network its addresses once; `auto` keeps what it got. */
export const allocation: Step<Draft<Network>, AllocationDeps> = {
  condition: 'Allocated',
  run(draft, deps) {
    const { status } = draft;
    const settings = networkSettings(draft);
    const ipv4 = settings.ipv4.address;
    const ipv6 = settings.ipv6.address;
    if (ipv4 !== 'auto') status.ipv4Address = isNone(ipv4) ? undefined : ipv4;
    else {
      status.ipv4Address ??= chooseIpv4Subnet(seedOf(draft), takenSubnets(draft, deps));
      if (status.ipv4Address === undefined) return exhausted;
    }
    if (ipv6 === 'auto') status.ipv6Address ??= chooseIpv6Subnet(seedOf(draft));
    else status.ipv6Address = isNone(ipv6) ? undefined : ipv6;
    const addresses = [status.ipv4Address, status.ipv6Address].filter((address) => address !== undefined);
    return { kind: 'settled', message: addresses.join(', ') };
  },
};

const exhausted: Outcome = {
  kind: 'blocked',
  reason: 'NoFreeSubnet',
  message: 'no subnet of 10.0.0.0/8 is free; name one in spec.ipv4.address',
};

/** By name: a network that is deleted and made again keeps its subnet, and guests their addresses. */
function seedOf({ metadata }: Network): string {
  return `network/${metadata.name}`;
}

function takenSubnets({ metadata }: Network, deps: AllocationDeps): readonly string[] {
  const others = deps.listNetworks().filter((other) => other.metadata.name !== metadata.name);
  const ours = others.flatMap(({ spec, status }) => [spec.ipv4?.address, status?.ipv4Address]);
  return [...ours, ...deps.listForeignSubnets()].filter((subnet) => subnet !== undefined);
}

function isNone(address: string): boolean {
  return address === 'none' || address === '';
}
