import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError } from '../../exec/host-error.ts';
import type { LinkSpec, NetworkDriver, NetworkObservation, NetworkRef, NetworkStep } from '../driver.ts';
import { networkHwaddr } from '../names.ts';
import { linkAlias, parseFirewallDigest, parseForwarding, parseLink } from './bridge-output.ts';
import { createDnsmasqProcess, type DnsmasqProcess } from './dnsmasq-process.ts';
import { firewallTable } from './firewall.ts';
import { enableForwarding, ignoreOwnAdvertisements } from './forwarding.ts';
import { renderBridge } from './render-bridge.ts';

export interface BridgeDriverDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  /** Directory of this driver alone. dnsmasq, which gives up root, has to be able to read below it. */
  readonly directory: string;
}

/** A bridge of the kernel with its own subnet: nftables for address translation, dnsmasq for DHCP and DNS. */
export function createBridgeDriver({ commands, clock, directory: base }: BridgeDriverDeps): NetworkDriver {
  const toolsOf = ({ name }: Pick<NetworkRef, 'name'>): BridgeTools => {
    const directory = join(base, name);
    return { commands, directory, dnsmasq: createDnsmasqProcess(commands, clock, directory) };
  };
  return {
    type: 'bridge',
    render: (spec) => renderBridge(spec, toolsOf(spec).directory),
    observe: (network, signal) => observe(toolsOf(network), network, signal),
    apply: (network, step, signal) => apply(toolsOf(network), network, step, signal),
  };
}

interface BridgeTools {
  readonly commands: CommandRunner;
  readonly directory: string;
  readonly dnsmasq: DnsmasqProcess;
}

async function observe(
  { commands, dnsmasq }: BridgeTools,
  network: NetworkRef,
  signal: AbortSignal,
): Promise<NetworkObservation> {
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

async function apply(
  tools: BridgeTools,
  network: NetworkRef,
  step: NetworkStep,
  signal: AbortSignal,
): Promise<void> {
  const { commands, directory, dnsmasq } = tools;
  switch (step.action) {
    case 'createLink': {
      await mkdir(directory, { recursive: true, mode: 0o755 });
      // With its own hardware address from the first moment: that is how a creation cut off is recognised.
      const create = `link add dev ${network.interface} address ${networkHwaddr(network.uid)} type bridge`;
      await configureLink(
        tools,
        network,
        [create, ...configureLines(network, step.link, [])],
        step.link,
        signal,
      );
      return;
    }
    case 'configureLink': {
      const { link } = await observe(tools, network, signal);
      if (link?.ownerUid !== network.uid) throw foreign(network);
      const lines = configureLines(network, step.link, step.staleAddresses);
      await configureLink(tools, network, lines, step.link, signal);
      return;
    }
    case 'enableForwarding':
      await enableForwarding(commands, step.family, signal);
      return;
    case 'applyFirewall':
      await runScript(commands, 'nft', ['-f', '-'], step.firewall.text, signal);
      return;
    case 'startService':
      await mkdir(directory, { recursive: true, mode: 0o755 });
      await dnsmasq.start(step.service, signal);
      return;
    case 'stopService':
      await dnsmasq.stop(signal);
      return;
    case 'putHost':
      await dnsmasq.putHost(step.host);
      return;
    case 'removeHost':
      await dnsmasq.removeHost(step.id);
      return;
    case 'deleteNetwork':
      await deleteNetwork(tools, network, signal);
  }
}

async function configureLink(
  { commands }: BridgeTools,
  network: NetworkRef,
  lines: readonly string[],
  { addresses }: LinkSpec,
  signal: AbortSignal,
): Promise<void> {
  await runScript(commands, 'ip', ['-batch', '-'], lines.map((line) => `${line}\n`).join(''), signal);
  if (addresses.some((address) => address.includes(':'))) {
    await ignoreOwnAdvertisements(commands, network.interface, signal);
  }
}

async function deleteNetwork(tools: BridgeTools, network: NetworkRef, signal: AbortSignal): Promise<void> {
  const { commands, directory, dnsmasq } = tools;
  const { link, firewallDigest } = await observe(tools, network, signal);
  await dnsmasq.stop(signal);
  if (firewallDigest !== undefined) {
    const text = `delete table inet ${firewallTable(network.interface)}\n`;
    await runScript(commands, 'nft', ['-f', '-'], text, signal);
  }
  if (link?.ownerUid !== undefined) {
    await commands.run({ program: 'ip', args: ['link', 'delete', 'dev', network.interface] }, signal);
  }
  await rm(directory, { recursive: true, force: true });
}

async function runScript(
  commands: CommandRunner,
  program: string,
  args: readonly string[],
  text: string,
  signal: AbortSignal,
): Promise<void> {
  await commands.run({ program, args, input: { kind: 'text', text } }, signal);
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
