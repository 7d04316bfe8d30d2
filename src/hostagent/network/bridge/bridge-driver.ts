import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError, isHostError } from '../../exec/host-error.ts';
import type { LinkSpec, NetworkDriver, NetworkObservation, NetworkRef, NetworkStep } from '../driver.ts';
import { networkHwaddr } from '../names.ts';
import { linkAlias, parseFirewallDigest, parseForwarding, parseLink } from './bridge-output.ts';
import { createDnsmasqProcess, type DnsmasqProcess } from './dnsmasq-process.ts';
import { firewallTable } from './firewall.ts';
import { renderBridge } from './render-bridge.ts';

export interface BridgeDriverDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  /** Directory of this driver alone. dnsmasq, which gives up root, has to be able to read below it. */
  readonly directory: string;
}

const forwardingFiles = {
  ipv4: '/proc/sys/net/ipv4/ip_forward',
  ipv6: '/proc/sys/net/ipv6/conf/all/forwarding',
} as const;

/** A bridge of the kernel with its own subnet: nftables for address translation, dnsmasq for DHCP and DNS. */
export function createBridgeDriver(deps: BridgeDriverDeps): NetworkDriver {
  const { commands, clock } = deps;
  const directoryOf = ({ name }: Pick<NetworkRef, 'name'>): string => join(deps.directory, name);
  const dnsmasqOf = (network: NetworkRef): DnsmasqProcess =>
    createDnsmasqProcess(commands, clock, directoryOf(network));

  async function observe(network: NetworkRef, signal: AbortSignal): Promise<NetworkObservation> {
    const dnsmasq = dnsmasqOf(network);
    const [links, chains, netconf, serviceDigest, hostIds] = await Promise.all([
      // By netlink: /sys may show the interfaces of another network namespace than ours.
      commands.run({ program: 'ip', args: ['-json', '-details', 'addr', 'show'] }, signal),
      commands.run({ program: 'nft', args: ['--json', 'list', 'chains', 'inet'] }, signal),
      commands.run({ program: 'ip', args: ['-json', 'netconf', 'show'] }, signal),
      dnsmasq.observe(),
      dnsmasq.listHosts(),
    ]);
    const link = parseLink(links, network.interface, network.uid, networkHwaddr(network.uid));
    const firewallDigest = parseFirewallDigest(chains, network.interface);
    return {
      ...(link === undefined ? {} : { link }),
      ...(firewallDigest === undefined ? {} : { firewallDigest }),
      ...(serviceDigest === undefined ? {} : { serviceDigest }),
      ...parseForwarding(netconf),
      hostIds,
    };
  }

  async function deleteNetwork(network: NetworkRef, signal: AbortSignal): Promise<void> {
    const { link, firewallDigest } = await observe(network, signal);
    await dnsmasqOf(network).stop(signal);
    if (firewallDigest !== undefined) {
      const text = `delete table inet ${firewallTable(network.interface)}\n`;
      await commands.run({ program: 'nft', args: ['-f', '-'], input: { kind: 'text', text } }, signal);
    }
    if (link?.ownerUid !== undefined) {
      await commands.run({ program: 'ip', args: ['link', 'delete', 'dev', network.interface] }, signal);
    }
    await rm(directoryOf(network), { recursive: true, force: true });
  }

  async function runIpBatch(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join('');
    await commands.run({ program: 'ip', args: ['-batch', '-'], input: { kind: 'text', text } }, signal);
  }

  async function apply(network: NetworkRef, step: NetworkStep, signal: AbortSignal): Promise<void> {
    switch (step.action) {
      case 'createLink': {
        const { interface: name } = network;
        const create = `link add dev ${name} address ${step.link.hwaddr} type bridge`;
        await mkdir(directoryOf(network), { recursive: true, mode: 0o755 });
        await runIpBatch([create, ...configureLines(network, step.link, [])], signal);
        await ignoreOwnAdvertisements(commands, network, step.link, signal);
        return;
      }
      case 'configureLink': {
        const { link } = await observe(network, signal);
        if (link?.ownerUid !== network.uid) throw foreign(network);
        await runIpBatch(configureLines(network, step.link, step.staleAddresses), signal);
        await ignoreOwnAdvertisements(commands, network, step.link, signal);
        return;
      }
      case 'enableForwarding':
        await enableForwarding(commands, step.family, signal);
        return;
      case 'applyFirewall': {
        const input = { kind: 'text', text: step.firewall.text } as const;
        await commands.run({ program: 'nft', args: ['-f', '-'], input }, signal);
        return;
      }
      case 'startService':
        await mkdir(directoryOf(network), { recursive: true, mode: 0o755 });
        await dnsmasqOf(network).start(step.service, signal);
        return;
      case 'stopService':
        await dnsmasqOf(network).stop(signal);
        return;
      case 'putHost':
        await dnsmasqOf(network).putHost(step.host);
        return;
      case 'removeHost':
        await dnsmasqOf(network).removeHost(step.id);
        return;
      case 'deleteNetwork':
        await deleteNetwork(network, signal);
    }
  }

  return { type: 'bridge', render: (spec) => renderBridge(spec, directoryOf(spec)), observe, apply };
}

function configureLines(
  { interface: name, uid }: NetworkRef,
  { hwaddr, mtu, addresses, ports }: LinkSpec,
  staleAddresses: readonly string[],
): readonly string[] {
  return [
    `link set dev ${name} alias ${linkAlias(uid)} address ${hwaddr} mtu ${mtu} up`,
    ...staleAddresses.map((address) => `addr delete ${address} dev ${name}`),
    // Without duplicate detection: dnsmasq cannot listen on an address that is still being checked.
    ...addresses.map(
      (address) => `addr replace ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`,
    ),
    ...ports.map((port) => `link set dev ${port} master ${name} up`),
  ];
}

function foreign({ name, interface: networkInterface }: NetworkRef): HostError {
  return new HostError(
    'InUse',
    `setting up network ${name}: the host has an interface ${networkInterface} of its own; name the network differently`,
  );
}

/** By commands, as everything here: what counts is the network namespace that they run in. */
async function enableForwarding(
  commands: CommandRunner,
  family: 'ipv4' | 'ipv6',
  signal: AbortSignal,
): Promise<void> {
  if (family === 'ipv6') await keepRouterAdvertisements(commands, signal);
  await writeSysctl(commands, [forwardingFiles[family]], '1', signal);
}

/** A host that forwards ignores router advertisements, and would lose its own IPv6 route, unless told otherwise. */
async function keepRouterAdvertisements(commands: CommandRunner, signal: AbortSignal): Promise<void> {
  const args = ['--recursive', '--files-with-matches', '--include=accept_ra', '--line-regexp', '1'];
  const files = await commands
    .run({ program: 'grep', args: [...args, '/proc/sys/net/ipv6/conf'] }, signal)
    .catch((error: unknown) => {
      if (!isHostError(error, 'CommandFailed')) throw error;
      return ''; // no interface accepts any
    });
  const found = files.split('\n').filter((file) => file !== '');
  if (found.length > 0) await writeSysctl(commands, found, '2', signal);
}

/** The gateway would give itself an address from what it tells the others. */
async function ignoreOwnAdvertisements(
  commands: CommandRunner,
  network: NetworkRef,
  { addresses }: LinkSpec,
  signal: AbortSignal,
): Promise<void> {
  if (!addresses.some((address) => address.includes(':'))) return;
  await writeSysctl(commands, [`/proc/sys/net/ipv6/conf/${network.interface}/accept_ra`], '0', signal);
}

async function writeSysctl(
  commands: CommandRunner,
  files: readonly string[],
  value: string,
  signal: AbortSignal,
): Promise<void> {
  await commands.run({ program: 'tee', args: files, input: { kind: 'text', text: value } }, signal);
}
