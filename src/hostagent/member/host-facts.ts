import { availableParallelism, machine, release, totalmem } from 'node:os';
import type { MemberStatus } from '../../api/generated/member.ts';
import type { CommandRunner } from '../exec/command.ts';

export type HostFacts = Pick<MemberStatus, 'addresses' | 'architecture' | 'capacity' | 'kernel'>;

export async function readHostFacts(commands: CommandRunner, signal: AbortSignal): Promise<HostFacts> {
  const links = await commands.run({ program: 'ip', args: ['-json', 'addr', 'show'] }, signal);
  return {
    architecture: machine(),
    kernel: release(),
    capacity: { cpus: availableParallelism(), memoryBytes: totalmem() },
    addresses: [...parseHostAddresses(links)],
  };
}

interface IpLink {
  readonly ifname?: string;
  readonly ifalias?: string;
  readonly addr_info?: readonly { readonly local?: string; readonly scope?: string }[];
}

/** Reads `ip -j addr`: what others can reach. Bridges of our own networks have the same address on every member. */
export function parseHostAddresses(text: string): readonly string[] {
  const links = JSON.parse(text) as readonly IpLink[]; // iproute2's own form
  const outside = links.filter(
    ({ ifname, ifalias }) => ifname !== 'lo' && ifalias?.startsWith('muster:') !== true,
  );
  const addresses = outside.flatMap(({ addr_info: entries = [] }) =>
    entries.flatMap(({ local, scope }) => (local !== undefined && scope === 'global' ? [local] : [])),
  );
  return [...new Set(addresses)].toSorted();
}
