#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { OutputForm } from './output.ts';
import { describeError } from '../base/describe-error.ts';
import { UsageError } from './usage-error.ts';

interface GlobalFlags {
  readonly kubeconfig?: string;
}

interface ListFlags extends GlobalFlags {
  readonly output: OutputForm;
  readonly namespace?: string;
}

const outputOption = (): Option =>
  new Option('-o, --output <form>', 'form of the answer').choices(['table', 'json', 'yaml']).default('table');

function buildProgram(): Command {
  const program = new Command('muster')
    .description('Shows and changes a Muster cluster. For everything else there is kubectl.')
    .addOption(new Option('--kubeconfig <file>', 'the cluster, and who you are').env('KUBECONFIG'))
    .version(readVersion())
    .exitOverride();
  program.configureOutput({ outputError: (text, write) => write(`muster: ${text.replace(/^error: /, '')}`) });

  const cluster = program.command('cluster').description('the members');
  cluster
    .command('list')
    .alias('ls')
    .description('list the members, their roles and states')
    .addOption(outputOption())
    .action(async (_flags: ListFlags, command: Command) => {
      const { listMembers } = await import('./commands/cluster-list.ts');
      await listMembers(command.optsWithGlobals<ListFlags>());
    });
  cluster
    .command('add <name>')
    .description('print a token with which a host can join under this name, once')
    .action(async (name: string, _flags: GlobalFlags, command: Command) => {
      const { addMember } = await import('./commands/cluster-add.ts');
      await addMember(name, command.optsWithGlobals<GlobalFlags>());
    });

  program
    .command('list')
    .alias('ls')
    .description('list the instances')
    .option('-n, --namespace <name>', 'only those of this namespace')
    .addOption(outputOption())
    .action(async (_flags: ListFlags, command: Command) => {
      const { listInstances } = await import('./commands/list.ts');
      await listInstances(command.optsWithGlobals<ListFlags>());
    });

  program
    .command('version')
    .description('print the version of this program')
    .action(() => {
      console.log(readVersion());
    });
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
