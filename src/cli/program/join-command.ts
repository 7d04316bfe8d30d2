import { type Command, InvalidArgumentError, Option } from 'commander';
import type { JoinFlags } from '../commands/join.ts';

const longestSessionSeconds = 3_600;

export function addJoinCommand(program: Command): void {
  program
    .command('join')
    .description('make this host a member of a cluster')
    .option('--discover', 'of the one that "muster init --discover" on the same network lets it into')
    .option('--token <token>', 'of the one that has made this token')
    .option('--name <name>', 'with --discover: name of this member; the host name by default')
    .option(
      '--address <host:port>',
      'where the other members reach this one; by default that of the default route',
    )
    .option('--initiator-address <address>', 'ask this host, where multicast does not reach it')
    .option('--lookup-timeout <seconds>', 'how long to look for the other host', readSeconds, 60)
    .option(
      '--session-timeout <seconds>',
      'how long to wait to be let in',
      readSeconds,
      longestSessionSeconds,
    )
    .addOption(dataDirOption())
    .action(async (_flags: unknown, command: Command) => {
      const { joinHost } = await import('../commands/join.ts');
      await joinHost(command.opts<JoinFlags>());
    });
}

export function dataDirOption(): Option {
  return new Option('--data-dir <dir>', 'where the member keeps everything').default('/var/lib/muster');
}

/** A session is open for an hour at most, as in MicroCloud. */
export function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= longestSessionSeconds) return seconds;
  throw new InvalidArgumentError(`write a number of seconds from 1 to ${longestSessionSeconds}`);
}
