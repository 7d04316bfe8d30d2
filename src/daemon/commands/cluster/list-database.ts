import { checkDatabase } from '../../../consensus/recovery/check-database.ts';
import { readPeersFile } from '../../../consensus/membership/peers-file.ts';
import { readLogSummary } from '../../../consensus/recovery/read-log.ts';
import { requireConfig } from '../../config.ts';
import { describeDataDir } from '../../data-dir.ts';
import { OperatorError } from '../../operator-error.ts';

export interface ListDatabaseFlags {
  readonly dataDir: string;
  readonly output: 'json' | 'text';
}

/** Who holds the database, as this member's own copy says it: it needs neither the daemon nor the others. */
export async function listDatabase({ dataDir: directory, output }: ListDatabaseFlags): Promise<void> {
  const dataDir = describeDataDir(directory);
  const config = await requireConfig(dataDir);
  const peers = await readPeersFile(dataDir.peers);
  const check = await checkDatabase(dataDir.database);
  if (check.kind === 'damaged') throw new OperatorError(`the database is damaged: ${check.problem}`);
  const log =
    check.kind === 'empty'
      ? { configuration: [], lastTerm: 0, lastIndex: 0 }
      : await readLogSummary(dataDir.database);
  const nodes = log.configuration.map(({ id, role }) => {
    const peer = peers.find((one) => one.id === id);
    return { id, name: peer?.name ?? '', address: peer?.address ?? '', role };
  });
  if (output === 'json') {
    const { lastTerm, lastIndex } = log;
    const listing = { member: config.name, epoch: config.epoch ?? 1, lastTerm, lastIndex, nodes };
    process.stdout.write(`${JSON.stringify(listing, undefined, 2)}\n`);
    return;
  }
  if (nodes.length === 0) {
    const others = peers.map(({ name, address }) => `${name} (${address})`).join(', ');
    process.stdout.write(`${config.name} is a spare: it holds no copy of the database. Members: ${others}\n`);
    return;
  }
  const rows = [
    ['NAME', 'ADDRESS', 'ROLE', 'ID'],
    ...nodes.map(({ name, address, role, id }) => [name, address, role, id]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
  process.stdout.write(`last entry of ${config.name}: term ${log.lastTerm}, index ${log.lastIndex}\n`);
}
