import type { Command } from 'commander';
import { flagsOf, outputOption, type GlobalFlags, type OutputFlags } from './flags.ts';

/** `muster cluster group …`. */
export function addClusterGroupCommands(cluster: Command): void {
  const load = () => import('../commands/cluster-groups.ts');
  const group = cluster.command('group').description('named sets of members, as targets for placement');
  group
    .command('list')
    .alias('ls')
    .description('list the groups and their members')
    .addOption(outputOption())
    .action(async (_flags: unknown, command: Command) => {
      await (await load()).listGroups(flagsOf<OutputFlags>(command));
    });
  group
    .command('show <group>')
    .addOption(outputOption('yaml'))
    .action(async (name: string, _flags: unknown, command: Command) => {
      await (await load()).showGroup(name, flagsOf<OutputFlags>(command));
    });
  group
    .command('create <group>')
    .option('--description <text>', 'a note for people')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await (await load()).createGroup(name, flagsOf<GlobalFlags & { description?: string }>(command));
    });
  group
    .command('delete <group>')
    .alias('rm')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await (await load()).deleteGroup(name, flagsOf(command));
    });
  group
    .command('assign <member> <groups>')
    .description('set the groups of a member, separated by commas')
    .action(async (member: string, groups: string, _flags: unknown, command: Command) => {
      await (await load()).assignGroups(member, groups, flagsOf(command));
    });
  group
    .command('add <member> <group>')
    .description('add a member to a group')
    .action(async (member: string, name: string, _flags: unknown, command: Command) => {
      await (await load()).addToGroup(member, name, flagsOf(command));
    });
  group
    .command('remove <member> <group>')
    .description('take a member out of a group')
    .action(async (member: string, name: string, _flags: unknown, command: Command) => {
      await (await load()).removeFromGroup(member, name, flagsOf(command));
    });
}
