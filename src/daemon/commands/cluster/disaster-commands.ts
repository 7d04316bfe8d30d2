import { type Command, Option } from 'commander';

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
}
