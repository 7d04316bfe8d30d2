#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { describeError } from '../base/describe-error.ts';
import { flagsOf } from './program/flags.ts';
import { addAuthCommands } from './program/auth-commands.ts';
import { addClusterCommands } from './program/cluster-commands.ts';
import { addCompletionCommands } from './program/completion-commands.ts';
import { addDoctorCommand } from './program/doctor-command.ts';
import { addInitCommand } from './program/init-command.ts';
import { addJoinCommand } from './program/join-command.ts';
import { addInstanceCommands } from './program/instance-commands.ts';
import { addKubeconfigCommands } from './program/kubeconfig-commands.ts';
import { UsageError } from './usage-error.ts';

function buildProgram(): Command {
  const program = new Command('muster')
    .description('Shows and changes a Muster cluster. For everything else there is kubectl.')
    .addOption(new Option('--kubeconfig <file>', 'the cluster, and who you are').env('KUBECONFIG'))
    .version(readVersion())
    .exitOverride();
  program.configureOutput({ outputError: (text, write) => write(`muster: ${text.replace(/^error: /, '')}`) });
  addInitCommand(program);
  addJoinCommand(program);
  addClusterCommands(program);
  addInstanceCommands(program);
  addAuthCommands(program);
  addKubeconfigCommands(program);
  addDoctorCommand(program);
  program
    .command('backup <file>')
    .description('write a backup of the whole cluster, for "musterd cluster restore"')
    .action(async (file: string, _flags: unknown, command: Command) => {
      const { takeBackup } = await import('./commands/backup.ts');
      await takeBackup(file, flagsOf(command));
    });
  program
    .command('version')
    .description('print the version of this program')
    .action(() => {
      console.log(readVersion());
    });
  addCompletionCommands(program);
  return program;
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version; // our own file
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    console.error(`muster: ${describeError(error)}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
