import { type Command, Option } from 'commander';
import type { AddFlags } from '../commands/auth.ts';
import { flagsOf, outputOption, type OutputFlags } from './flags.ts';

/** `muster auth …`: logins of people and programs. What they may do is said by RBAC. */
export function addAuthCommands(program: Command): void {
  const load = () => import('../commands/auth.ts');
  const auth = program.command('auth').description('who may log in');
  auth
    .command('add <name>')
    .description('make a login, and print a kubeconfig with its key')
    .addOption(
      new Option('-g, --group <group>', 'a group of the user; may be given more than once')
        .argParser<readonly string[]>((group, groups) => [...groups, group])
        .default([], 'none'),
    )
    .option('--expires <duration>', 'how long the certificate is good, such as 8H, 90d or 1y', '1y')
    .option('--description <text>', 'a note for people')
    .option('--renew', 'another certificate for a login that there is; the others stay good')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await (await load()).addIdentity(name, flagsOf<AddFlags>(command));
    });
  auth
    .command('list')
    .alias('ls')
    .description('list the logins')
    .addOption(outputOption())
    .action(async (_flags: unknown, command: Command) => {
      await (await load()).listIdentities(flagsOf<OutputFlags>(command));
    });
  auth
    .command('revoke <name>')
    .alias('rm')
    .description('make every certificate of a login void, at once and everywhere')
    .action(async (name: string, _flags: unknown, command: Command) => {
      await (await load()).revokeIdentity(name, flagsOf(command));
    });
}
