import { type Command, Option } from 'commander';
import { flagsOf, type GlobalFlags } from './flags.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('find what is wrong on this host and in the cluster, and say what to do')
    .addOption(
      new Option('--data-dir <dir>', 'where the member of this host keeps everything').default(
        '/var/lib/muster',
      ),
    )
    .action(async (_flags: unknown, command: Command) => {
      const { examine } = await import('../commands/doctor.ts');
      process.exitCode = await examine(flagsOf<GlobalFlags & { readonly dataDir: string }>(command));
    });
}
