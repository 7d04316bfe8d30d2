import { type Command, InvalidArgumentError } from 'commander';
import type { InitFlags } from '../commands/init.ts';
import { dataDirOption, readSeconds } from './join-command.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('make this host the first member of a cluster, or a further one; asks what it has to know')
    .option(
      '--preseed <file>',
      'answers in the YAML of "lxd init --preseed", instead of questions; "-" is standard input',
    )
    .option('--discover', 'then let hosts of the same network join that run "muster join --discover"')
    .option('--expect <hosts>', 'with --discover: end when so many have joined', readCount)
    .option('-y, --yes', 'with --discover: let everybody in who knows the passphrase, without asking')
    .option('--session-timeout <seconds>', 'with --discover: how long hosts may join', readSeconds, 3_600)
    .addOption(dataDirOption())
    .action(async (_flags: unknown, command: Command) => {
      const { initHost } = await import('../commands/init.ts');
      await initHost(command.opts<InitFlags>());
    });
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('write how many hosts');
}
