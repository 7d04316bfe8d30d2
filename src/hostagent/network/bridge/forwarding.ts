import type { CommandRunner } from '../../exec/command.ts';
import { isHostError } from '../../exec/host-error.ts';

const forwardingFiles = {
  ipv4: '/proc/sys/net/ipv4/ip_forward',
  ipv6: '/proc/sys/net/ipv6/conf/all/forwarding',
} as const;

/** By commands, as everything here: what counts is the network namespace that they run in. */
export async function enableForwarding(
  commands: CommandRunner,
  family: 'ipv4' | 'ipv6',
  signal: AbortSignal,
): Promise<void> {
  if (family === 'ipv6') await keepRouterAdvertisements(commands, signal);
  await writeSysctl(commands, [forwardingFiles[family]], '1', signal);
}

/** The gateway would give itself an address from what it tells the others. */
export async function ignoreOwnAdvertisements(
  commands: CommandRunner,
  networkInterface: string,
  signal: AbortSignal,
): Promise<void> {
  await writeSysctl(commands, [`/proc/sys/net/ipv6/conf/${networkInterface}/accept_ra`], '0', signal);
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

async function writeSysctl(
  commands: CommandRunner,
  files: readonly string[],
  value: string,
  signal: AbortSignal,
): Promise<void> {
  await commands.run({ program: 'tee', args: files, input: { kind: 'text', text: value } }, signal);
}
