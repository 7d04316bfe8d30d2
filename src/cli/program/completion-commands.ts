import { Argument, type Command } from 'commander';
import { completionScripts, type Shell } from '../completion/scripts.ts';
import { flagsOf } from './flags.ts';

export function addCompletionCommands(program: Command): void {
  program
    .command('completion')
    .description('print a script that makes a shell complete the words of this program')
    .addArgument(new Argument('<shell>').choices(Object.keys(completionScripts)))
    .action((shell: Shell) => {
      process.stdout.write(completionScripts[shell]);
    });
  program
    .command('__complete [words...]', { hidden: true })
    .action(async (words: string[], _flags: unknown, command: Command) => {
      const { printCandidates } = await import('../commands/complete.ts');
      await printCandidates(program, words, flagsOf(command));
    });
}
