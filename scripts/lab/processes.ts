import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { runCommand } from './run-command.ts';

/** A process and when it started: the pair that names one process for good, since pids come again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold blanks; the fields after it do not. Field 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    return fields[0] === 'Z' || startTicks === undefined ? undefined : { pid, startTicks };
  } catch {
    // The process is gone, which is what the caller asks about.
    return undefined;
  }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startTicks === identity.startTicks;
}

/** Ends exactly this process: SIGTERM, then SIGKILL when the deadline has passed. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (await sendSignal(identity, 'SIGTERM')) {
    if (await waitUntilGone(identity, graceMs)) return;
    await sendSignal(identity, 'SIGKILL');
    await waitUntilGone(identity, 5_000);
  }
}

export async function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    // It ended between the look and the signal.
    return false;
  }
}

export async function waitUntilGone(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    if (!(await isAlive(identity))) return true;
    await delay(20);
  }
  return !(await isAlive(identity));
}

/** Processes whose command line names a path below `directory`: the members' own and what they left running. */
export async function findProcessesOf(directory: string): Promise<ProcessIdentity[]> {
  const found: ProcessIdentity[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || entry === String(process.pid)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (!commandLine.includes(`${directory}/`)) continue;
    const identity = await identifyProcess(Number(entry));
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/** Processes inside a network namespace, containers' own namespaces not counted. */
export async function findProcessesIn(namespace: string): Promise<ProcessIdentity[]> {
  const pids = await runCommand('ip', ['netns', 'pids', namespace]);
  const identities = await Promise.all(pids.split('\n').filter(Boolean).map(Number).map(identifyProcess));
  return identities.filter((identity) => identity !== undefined);
}
