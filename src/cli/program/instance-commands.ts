import type { Command } from 'commander';
import { flagsOf, outputOption, type OutputFlags } from './flags.ts';

interface InstanceFlags extends OutputFlags {
  readonly namespace?: string;
}

export function addInstanceCommands(program: Command): void {
  program
    .command('list')
    .alias('ls')
    .description('list the instances')
    .option('-n, --namespace <name>', 'only those of this namespace')
    .addOption(outputOption())
    .action(async (_flags: unknown, command: Command) => {
      const { listInstances } = await import('../commands/list.ts');
      await listInstances(flagsOf<InstanceFlags>(command));
    });
}
