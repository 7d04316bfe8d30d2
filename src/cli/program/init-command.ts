import { type Command, Option } from 'commander';
import type { InitFlags } from '../commands/init.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('make this host the first member of a cluster, or a further one; asks what it has to know')
    .option(
      '--preseed <file>',
      'answers in the YAML of "lxd init --preseed", instead of questions; "-" is standard input',
    )
    .addOption(new Option('--data-dir <dir>', 'where the member keeps everything').default('/var/lib/muster'))
    .action(async (_flags: unknown, command: Command) => {
      const { initHost } = await import('../commands/init.ts');
      await initHost(command.opts<InitFlags>());
    });
}
