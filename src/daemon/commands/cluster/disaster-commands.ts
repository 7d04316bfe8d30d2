import { type Command, Option } from 'commander';
import type { RestoreFlags } from './restore.ts';

interface DataDirFlag {
  readonly dataDir: string;
}

/** `musterd cluster …`: what is left when the API does not answer. Each action loads only what it needs. */
export function addDisasterCommands(program: Command, dataDirOption: () => Option): void {
  const cluster = program.command('cluster').description('look at the database and rescue it');
  cluster
    .command('list-database')
    .alias('ls')
    .description('list the members that hold the database, as this member knows them')
    .addOption(dataDirOption())
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    )
    .action(async (flags: DataDirFlag & { readonly output: 'json' | 'text' }) => {
      const { listDatabase } = await import('./list-database.ts');
      await listDatabase(flags);
    });
  cluster
    .command('recover-from-quorum-loss')
    .description('make this stopped member the cluster again, when most of those with the database are lost')
    .addOption(dataDirOption())
    .option('-y, --yes', 'do not ask')
    .action(async (flags: DataDirFlag & { readonly yes?: true }) => {
      const { recoverFromQuorumLoss } = await import('./recover.ts');
      await recoverFromQuorumLoss(flags);
    });
  cluster
    .command('restore <file>')
    .description('bring the cluster of a backup up on this host, as its first member')
    .addOption(dataDirOption())
    .requiredOption('--name <name>', 'name of this member; that of a member of the backup takes its place')
    .requiredOption('--address <host:port>', 'where the others and clients reach this member')
    .option('--listen <host:port>', 'where to listen, when that differs from the address')
    .action(async (file: string, flags: RestoreFlags) => {
      const { restoreBackup } = await import('./restore.ts');
      await restoreBackup(file, flags);
    });
  addEditCommands(cluster, dataDirOption);
}

function addEditCommands(cluster: Command, dataDirOption: () => Option): void {
  cluster
    .command('show')
    .description('print what "edit" edits')
    .addOption(dataDirOption())
    .action(async (flags: DataDirFlag) => {
      const { showCluster } = await import('./edit.ts');
      await showCluster(flags);
    });
  cluster
    .command('edit')
    .description('edit addresses and roles of this stopped member as YAML, in $EDITOR or from standard input')
    .addOption(dataDirOption())
    .option('-y, --yes', 'do not ask')
    .action(async (flags: DataDirFlag & { readonly yes?: true }) => {
      const { editCluster } = await import('./edit.ts');
      await editCluster(flags);
    });
  cluster
    .command('remove-raft-node <address-or-id>')
    .description('remove a raft node that belongs to no member from the running cluster')
    .addOption(dataDirOption())
    .option('-y, --yes', 'do not ask')
    .action(async (node: string, flags: DataDirFlag & { readonly yes?: true }) => {
      const { removeRaftNode } = await import('./remove-raft-node.ts');
      await removeRaftNode(node, flags);
    });
}
