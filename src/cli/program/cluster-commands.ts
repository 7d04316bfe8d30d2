import type { Command } from 'commander';
import type { RotateFlags } from '../commands/rotate-authority.ts';
import { flagsOf, outputOption, type GlobalFlags, type OutputFlags } from './flags.ts';
import { addClusterGroupCommands } from './cluster-group-commands.ts';
import { addVirtualAddressCommands } from './virtual-address-commands.ts';
import { addMemberSettingCommands } from './member-setting-commands.ts';

/** `muster cluster …`: LXD's words where they fit. Each action loads only what it needs. */
export function addClusterCommands(program: Command): void {
  const cluster = program.command('cluster').description('the members');
  cluster
    .command('list')
    .alias('ls')
    .description('list the members, their roles and states')
    .addOption(outputOption())
    .action(async (_flags: unknown, command: Command) => {
      const { listMembers } = await import('../commands/cluster-list.ts');
      await listMembers(flagsOf<OutputFlags>(command));
    });
  cluster
    .command('show [member]')
    .description('show everything about a member, or of the cluster as a whole')
    .addOption(outputOption('yaml'))
    .action(async (member: string | undefined, _flags: unknown, command: Command) => {
      const { showCluster, showMember } = await import('../commands/cluster-list.ts');
      const flags = flagsOf<OutputFlags>(command);
      await (member === undefined ? showCluster(flags) : showMember(member, flags));
    });
  addJoinCommands(cluster);
  addLeaveCommands(cluster);
  addRenameCommand(cluster);
  addVirtualAddressCommands(cluster);
  addCertificateCommand(cluster);
  addMemberSettingCommands(cluster);
  addClusterGroupCommands(cluster);
}

function addJoinCommands(cluster: Command): void {
  cluster
    .command('add <member>')
    .description('print a token with which a host can join under this name, once')
    .option('-q, --quiet', 'print the token and nothing else')
    .action(async (member: string, _flags: unknown, command: Command) => {
      const { addMember } = await import('../commands/cluster-tokens.ts');
      await addMember(member, flagsOf<GlobalFlags & { readonly quiet?: boolean }>(command));
    });
  cluster
    .command('list-tokens')
    .description('list the join tokens that have not been used')
    .addOption(outputOption())
    .action(async (_flags: unknown, command: Command) => {
      const { listTokens } = await import('../commands/cluster-tokens.ts');
      await listTokens(flagsOf<OutputFlags>(command));
    });
  cluster
    .command('revoke-token <member>')
    .description('make the join token for this name void')
    .action(async (member: string, _flags: unknown, command: Command) => {
      const { revokeToken } = await import('../commands/cluster-tokens.ts');
      await revokeToken(member, flagsOf(command));
    });
}

function addLeaveCommands(cluster: Command): void {
  cluster
    .command('remove <member>')
    .alias('rm')
    .description('take a member out of the cluster, once nothing depends on it')
    .option('--force', 'even if it is lost together with what only it has')
    .option('-y, --yes', 'do not ask')
    .action(async (member: string, _flags: unknown, command: Command) => {
      const { removeMember } = await import('../commands/cluster-remove.ts');
      await removeMember(member, flagsOf(command));
    });
}

function addRenameCommand(cluster: Command): void {
  cluster
    .command('rename <member> <new-name>')
    .alias('mv')
    .description('give a member another name; its instances run on')
    .action(async (member: string, name: string, _flags: unknown, command: Command) => {
      const { renameMember } = await import('../commands/cluster-rename.ts');
      await renameMember(member, name, flagsOf(command));
    });
}

function addCertificateCommand(cluster: Command): void {
  const load = () => import('../commands/cluster-certificate.ts');
  cluster
    .command('update-certificate <certificate> <key>')
    .alias('update-cert')
    .description(
      "show clients a certificate of your own: PEM, the server's first, each followed by its issuer",
    )
    .action(async (certificate: string, key: string, _flags: unknown, command: Command) => {
      await (await load()).updateCertificate(certificate, key, flagsOf(command));
    });
  cluster
    .command('remove-certificate')
    .description("show clients the members' own certificates again")
    .action(async (_flags: unknown, command: Command) => {
      await (await load()).removeCertificate(flagsOf(command));
    });
  cluster
    .command('rotate-authority')
    .description("exchange the cluster's authority for one with a new key, for when the key has leaked")
    .option('--end-in <duration>', 'until the former one ceases to count: 30d unless said')
    .option('--now', 'as soon as every member that is online signs with the new one')
    .option('--cancel', 'go back to the former one, while it still counts')
    .option('--again', 'although it was exchanged within the last day')
    .action(async (_flags: unknown, command: Command) => {
      const { rotateAuthority } = await import('../commands/rotate-authority.ts');
      await rotateAuthority(flagsOf<RotateFlags>(command));
    });
}
