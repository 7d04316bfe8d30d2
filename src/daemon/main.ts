#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { describeError } from '../base/describe-error.ts';
import type { LogLevel } from '../base/logger.ts';
import { parseAddress } from './address.ts';
import type { MemberConfigEntry } from './join/member-config.ts';
import { addDisasterCommands } from './commands/cluster/disaster-commands.ts';
import { OperatorError } from './operator-error.ts';
import { ExpelledError } from './standing/expelled-error.ts';
import { readVersion } from './version.ts';

const defaultDataDir = '/var/lib/muster';
const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

const examples = `
Examples:
  The first member, and what it needs to start again later:
    musterd init --data-dir /var/lib/muster --name n1 --address 192.0.2.1:8443 --manifests /etc/muster/manifests
    musterd run  --data-dir /var/lib/muster --manifests /etc/muster/manifests

  A token for the second one (printed alone on standard output), and its way in:
    musterd token n2 --data-dir /var/lib/muster
    musterd join --data-dir /var/lib/muster --token TOKEN --address 192.0.2.2:8443

  init and join go on to run, unless --no-run is given. They log JSON lines on standard output; a member that
  serves answers 200 on https://ADDRESS/readyz. SIGTERM or SIGINT stops it; instances keep running.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the cluster goes on without this member.`;

interface RunFlags {
  readonly dataDir: string;
  readonly manifests: readonly string[];
  readonly logLevel: LogLevel;
  readonly drivers: 'real' | 'sim';
}

interface PrepareFlags extends RunFlags {
  readonly address: string;
  readonly listen?: string;
  readonly clientAddress: readonly string[];
  readonly run: boolean;
}

interface JoinCommandFlags extends PrepareFlags {
  readonly token?: string;
  readonly trustPasswordStdin?: true;
  readonly name?: string;
  readonly addressOfMember?: string;
  readonly fingerprint?: string;
  readonly memberConfig: readonly MemberConfigEntry[];
  readonly questions?: true;
  readonly showFingerprint?: true;
  readonly showToken?: true;
}

const dataDirOption = (): Option =>
  new Option('--data-dir <dir>', 'where this member keeps everything').default(defaultDataDir);

function addRunOptions(command: Command): Command {
  return command
    .addOption(dataDirOption())
    .option('--manifests <dir>', 'keep the YAML files of this directory applied (repeatable)', collect, [])
    .addOption(new Option('--log-level <level>', 'what to log').choices(logLevels).default('info'))
    .addOption(
      new Option(
        '--drivers <family>',
        'real, or sim: no instance, network or disk is made (for tests of scale)',
      )
        .choices(['real', 'sim'])
        .default('real')
        .hideHelp(),
    );
}

function addPrepareOptions(command: Command): Command {
  return addRunOptions(
    command
      .requiredOption(
        '--address <host:port>',
        'where the other members and clients reach this one',
        checkAddress,
      )
      .option('--listen <host:port>', 'where to listen, when that differs from the address', checkAddress)
      .option(
        '--client-address <host:port>',
        'serve clients there too, apart from the other members; 0.0.0.0 or [::] for every address (repeatable)',
        collectAddress,
        [],
      )
      .option('--no-run', 'prepare the data directory only'),
  );
}

function buildProgram(): Command {
  const program = new Command('musterd')
    .description('A member of a Muster cluster: database replica, API server, controllers and host agent.')
    .version(readVersion())
    .addHelpText('after', examples)
    .exitOverride();

  // Copied by every subcommand, so it has to be set before the first one.
  program.configureOutput({
    outputError: (text, write) => write(`musterd: ${text.replace(/^error: /, '')}`),
  });

  addPrepareOptions(program.command('init').description('create a cluster of which this is the first member'))
    .requiredOption('--name <name>', 'name of this member')
    .action(async (flags: PrepareFlags & { readonly name: string }) => {
      const { initMember } = await import('./commands/init.ts');
      await initMember(flags);
      if (flags.run) await run(flags);
    });

  addPrepareOptions(
    program.command('join').description('join a cluster with a token of it, or with its trust password'),
  )
    .option('--token <token>', 'what "musterd token NAME" printed; "-" reads it from standard input')
    .option(
      '--trust-password-stdin',
      'join with the trust password, read from standard input, and not a token',
    )
    .option('--name <name>', 'with the trust password: name of this member')
    .option(
      '--address-of-member <host:port>',
      'with the trust password: any member of the cluster',
      checkAddress,
    )
    .option(
      '--fingerprint <sha256>',
      'with the trust password: of the cluster certificate, instead of being asked',
    )
    .option(
      '--member-config <entity/name/key=value>',
      'own part of a pool or network, such as storage-pool/local/source=/srv/muster (repeatable)',
      collectMemberConfig,
      [],
    )
    .option('--questions', 'print as JSON what --member-config may answer, and do not join')
    .option('--show-fingerprint', 'print that of the cluster of --address-of-member, and do not join')
    .option('--show-token', 'print the token that the trust password is good for, and do not join')
    .action(async (given: JoinCommandFlags, command: Command) => {
      const { joinMember, printQuestions } = await import('./commands/join.ts');
      if (given.showFingerprint === true) {
        const { printFingerprint } = await import('./commands/trust.ts');
        await printFingerprint(given);
        return;
      }
      const flags = { ...given, token: await chooseToken(given, command) };
      if (flags.showToken === true) {
        console.log(flags.token);
        return;
      }
      if (flags.questions === true) {
        await printQuestions(flags);
        return;
      }
      await joinMember(flags);
      if (flags.run) await run(flags);
    });

  addRunOptions(program.command('run').description('run the member that init or join prepared')).action(run);

  addRunOptions(
    program
      .command('reset')
      .description('make the host of a removed member clean, so that it can join again')
      .option('--yes', 'remove the member with all that it holds'),
  ).action(async (flags: RunFlags & { readonly yes?: true }) => {
    const { resetMember } = await import('./commands/reset.ts');
    await resetMember(flags);
  });

  program
    .command('token <name>')
    .description('print a token with which a new member of this name can join, once')
    .addOption(dataDirOption())
    .action(async (name: string, { dataDir }: { readonly dataDir: string }) => {
      const { printToken } = await import('./commands/token.ts');
      await printToken(dataDir, name);
    });

  addDisasterCommands(program, dataDirOption);

  program
    .command('status')
    .description('show whether this member runs, and how it sees the cluster')
    .addOption(dataDirOption())
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    )
    .action(async (flags: { readonly dataDir: string; readonly output: 'json' | 'text' }) => {
      const { printStatus } = await import('./commands/status.ts');
      process.exitCode = await printStatus(flags);
    });
  return program;
}

async function chooseToken(flags: JoinCommandFlags, command: Command): Promise<string> {
  const { token, trustPasswordStdin: byPassword = false } = flags;
  if (token !== undefined && !byPassword) return token;
  if (token !== undefined || !byPassword) {
    command.error('error: pass either --token or --trust-password-stdin');
  }
  const { fetchTokenForPassword } = await import('./commands/trust.ts');
  return fetchTokenForPassword(flags);
}

async function run(flags: RunFlags): Promise<void> {
  const { runUntilSignal } = await import('./commands/run.ts');
  try {
    await runUntilSignal(flags);
  } catch (error) {
    if (!(error instanceof ExpelledError) || !error.isReleased) throw error;
    const { resetReleased } = await import('./commands/reset.ts');
    throw await resetReleased(flags, error);
  }
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

const memberConfigForm = /^(?<entity>storage-pool|network)\/(?<name>[^/]+)\/(?<key>[^=]+)=(?<value>.+)$/;

function collectMemberConfig(
  text: string,
  previous: readonly MemberConfigEntry[],
): readonly MemberConfigEntry[] {
  const { entity, name = '', key = '', value = '' } = memberConfigForm.exec(text)?.groups ?? {};
  if (entity === 'storage-pool' || entity === 'network') return [...previous, { entity, name, key, value }];
  throw new InvalidArgumentError('write storage-pool/NAME/KEY=VALUE or network/NAME/KEY=VALUE');
}

function checkAddress(value: string): string {
  const problem = parseAddress(value).problem;
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return value;
}

function collectAddress(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, checkAddress(value)];
}

function report(error: unknown): number {
  // commander has written its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError) console.error(`musterd: ${describeError(error)}`);
  else console.error('musterd: unexpected failure:', error);
  return error instanceof ExpelledError ? ExpelledError.exitCode : 1;
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
// Connections that clients keep open, and threads of a start that failed, must not hold what has ended.
process.exit();
