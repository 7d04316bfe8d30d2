import type { Command } from 'commander';
import { flagsOf } from './flags.ts';

const trustPasswordKey = 'core.trust_password';
const trustPasswordHelp = `
"${trustPasswordKey}" in place of a member is the trust password of the cluster; it is read from standard input.`;

const loadTrust = () => import('../commands/trust-password.ts');

function isTrustPassword(member: string, key: string | undefined): boolean {
  return member === trustPasswordKey && key === undefined;
}

function need(argument: string | undefined, name: string, command: Command): string {
  return argument ?? command.error(`error: missing required argument '${name}'`);
}

/** `muster cluster get|set|unset|role|failure-domain`: the settings that people give a member. */
export function addMemberSettingCommands(cluster: Command): void {
  const load = () => import('../commands/member-settings.ts');
  cluster
    .command('edit [member]')
    .description("edit a member's settings in an editor; without a name, the cluster's")
    .action(async (member: string | undefined, _flags: unknown, command: Command) => {
      const { editSettings } = await import('../commands/edit-settings.ts');
      await editSettings(member, flagsOf(command));
    });
  cluster
    .command('get <member> [key]')
    .description(
      'print a setting: scheduler.instance, description, failure_domain, cluster.https_address, core.https_address or user.*',
    )
    .addHelpText('after', trustPasswordHelp)
    .action(async (member: string, key: string | undefined, _flags: unknown, command: Command) => {
      if (isTrustPassword(member, key)) await (await loadTrust()).printTrustPassword(flagsOf(command));
      else await (await load()).printSetting(member, need(key, 'key', command), flagsOf(command));
    });
  cluster
    .command('set <member> [key] [value]')
    .description(
      'change a setting: scheduler.instance, description, failure_domain, cluster.https_address, core.https_address or user.*',
    )
    .addHelpText('after', trustPasswordHelp)
    .action(
      async (
        member: string,
        key: string | undefined,
        value: string | undefined,
        _flags: unknown,
        command: Command,
      ) => {
        if (member === trustPasswordKey) {
          // An argument can be read by everybody on the host.
          if (key !== undefined) command.error(`error: give ${trustPasswordKey} on standard input`);
          await (await loadTrust()).setTrustPassword(flagsOf(command));
          return;
        }
        const known = need(key, 'key', command);
        await (await load()).changeSetting(member, known, need(value, 'value', command), flagsOf(command));
      },
    );
  cluster
    .command('unset <member> [key]')
    .description('give a setting its default again')
    .action(async (member: string, key: string | undefined, _flags: unknown, command: Command) => {
      if (isTrustPassword(member, key)) await (await loadTrust()).unsetTrustPassword(flagsOf(command));
      else await (await load()).changeSetting(member, need(key, 'key', command), undefined, flagsOf(command));
    });
  addRoleCommands(cluster);
  addFailureDomainCommands(cluster);
}

function addRoleCommands(cluster: Command): void {
  const load = () => import('../commands/member-roles.ts');
  const role = cluster.command('role').description('the roles that people give');
  role
    .command('add <member> <roles>')
    .description('give roles, separated by commas: control-plane, ovn-chassis')
    .action(async (member: string, roles: string, _flags: unknown, command: Command) => {
      await (await load()).addRoles(member, roles, flagsOf(command));
    });
  role
    .command('remove <member> <roles>')
    .description('take roles away, separated by commas')
    .action(async (member: string, roles: string, _flags: unknown, command: Command) => {
      await (await load()).removeRoles(member, roles, flagsOf(command));
    });
}

function addFailureDomainCommands(cluster: Command): void {
  const load = () => import('../commands/member-settings.ts');
  const key = 'failure_domain';
  const domain = cluster.command('failure-domain').description('what a member shares its fate with');
  domain.command('get <member>').action(async (member: string, _flags: unknown, command: Command) => {
    await (await load()).printSetting(member, key, flagsOf(command));
  });
  domain
    .command('set <member> <domain>')
    .action(async (member: string, value: string, _flags: unknown, command: Command) => {
      await (await load()).changeSetting(member, key, value, flagsOf(command));
    });
  domain.command('unset <member>').action(async (member: string, _flags: unknown, command: Command) => {
    await (await load()).changeSetting(member, key, undefined, flagsOf(command));
  });
}
