import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { musterdFromSource, musterdProgram } from './musterd-program.ts';
import { endProcess, identifyProcess, isAlive, type ProcessIdentity } from './processes.ts';
import { runCommand, tryCommand } from './run-command.ts';
import type { LabMember } from './spec.ts';

// musterd hands its leadership over and stops the dqlite helper; it needs 1 s to 2 s for it.
const stopGraceMs = 15_000;

/** The command as it runs on that member's host: same files and processes, the member's own network. */
export function onHostOf(member: LabMember, command: readonly string[]): readonly [string, ...string[]] {
  // Not `ip netns exec`: that hides the cgroup mounts below /sys, which containers need.
  return ['nsenter', `--net=/run/netns/${member.namespace}`, '--', ...command];
}

/** Runs `musterd ARGS` to its end on the member's host. */
export async function runMusterd(member: LabMember, args: readonly string[], timeoutMs = 60_000) {
  const [command, ...rest] = onHostOf(member, [...musterdProgram(), ...args]);
  const result = await tryCommand(command, rest, { timeoutMs });
  if (result.code !== 0) {
    throw new Error(`musterd ${args[0] ?? ''} on ${member.name} failed: ${result.stderr.trim()}`);
  }
  return result.stdout;
}

export function isInitialized(member: LabMember): boolean {
  return existsSync(path.join(member.dataDirectory, 'config.json'));
}

/** How `musterd run` is started where a test changes more than its flags. It runs from `src` then. */
export interface MemberRuntime {
  /** Before the entry point, such as a module to load first. */
  readonly nodeArguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts `musterd run` so that it outlives this process; its log goes to the member's log file. */
export async function startMember(
  member: LabMember,
  args: readonly string[] = [],
  runtime?: MemberRuntime,
): Promise<void> {
  await launch(member, ['run', '--data-dir', member.dataDirectory, ...args], runtime);
}

/** Starts `musterd join`, which goes on to run the member: as one joins who has a token and nothing else. */
export async function startJoining(
  member: LabMember,
  token: string,
  args: readonly string[] = [],
): Promise<void> {
  const own = ['--data-dir', member.dataDirectory, '--address', member.address, '--token', token];
  await launch(member, ['join', ...own, ...args]);
}

/** Starts `musterd init`, which goes on to run the first member. */
export async function startFounding(member: LabMember, args: readonly string[] = []): Promise<void> {
  const own = ['--data-dir', member.dataDirectory, '--name', member.name, '--address', member.address];
  await launch(member, ['init', ...own, ...args]);
}

async function launch(member: LabMember, args: readonly string[], runtime?: MemberRuntime): Promise<void> {
  if ((await findMember(member)) !== undefined) return;
  await mkdir(path.dirname(member.logFile), { recursive: true });
  const log = openSync(member.logFile, 'a');
  const program = runtime === undefined ? musterdProgram() : musterdFromSource(runtime.nodeArguments);
  const [command, ...rest] = onHostOf(member, [...program, ...args]);
  // A session of its own: Ctrl-C in the terminal is ours to handle, not the members'.
  const env = { ...process.env, ...runtime?.environment };
  const child = spawn(command, rest, { detached: true, stdio: ['ignore', log, log], env });
  closeSync(log);
  child.unref();
  const pid = child.pid;
  const identity = pid === undefined ? undefined : await identifyProcess(pid);
  if (identity === undefined)
    throw new Error(`starting musterd of ${member.name} failed; see ${member.logFile}`);
  await writeFile(member.pidFile, JSON.stringify(identity));
}

/** The member's musterd if it runs. nsenter replaces itself by musterd, so the pid is musterd's. */
export async function findMember(member: LabMember): Promise<ProcessIdentity | undefined> {
  if (!existsSync(member.pidFile)) return undefined;
  const identity = JSON.parse(await readFile(member.pidFile, 'utf8')) as ProcessIdentity;
  return (await isAlive(identity)) ? identity : undefined;
}

export async function stopMember(member: LabMember): Promise<void> {
  const identity = await findMember(member);
  if (identity !== undefined) await endProcess(identity, stopGraceMs);
  await rm(member.pidFile, { force: true });
}

/** The end of the member's log, for an error message. */
export async function readLogTail(member: LabMember, lines = 15): Promise<string> {
  return runCommand('tail', ['-n', String(lines), member.logFile]).catch(() => '(no log)');
}
