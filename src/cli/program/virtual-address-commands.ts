import type { Command } from 'commander';
import type { VirtualAddressFlags } from '../commands/cluster-virtual-address.ts';
import { flagsOf } from './flags.ts';

/** `muster cluster virtual-address …`: one more address for the API, that moves with a healthy member. */
export function addVirtualAddressCommands(cluster: Command): void {
  const load = () => import('../commands/cluster-virtual-address.ts');
  const virtual = cluster
    .command('virtual-address')
    .description('an address for the API that a member holds which is ready');
  virtual.command('get').action(async (_flags: unknown, command: Command) => {
    await (await load()).printVirtualAddress(flagsOf(command));
  });
  virtual
    .command('set <address>')
    .description('let the members hold this address; they need keepalived for it')
    .option('--interface <name>', 'which interface gets it; by default the one in the same subnet')
    .option('--port <port>', 'of the API there; by default 8443')
    .option('--router-id <id>', 'of VRRP, where other routers use the same; by default 51')
    .action(async (address: string, _flags: unknown, command: Command) => {
      await (await load()).setVirtualAddress(address, flagsOf<VirtualAddressFlags>(command));
    });
  virtual.command('unset').action(async (_flags: unknown, command: Command) => {
    await (await load()).unsetVirtualAddress(flagsOf(command));
  });
}
