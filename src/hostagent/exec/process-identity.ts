import { readFile } from 'node:fs/promises';

/** A process id is used again some day; with the start time it names one process for ever (in one boot). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since the host booted. */
  readonly startTicks: number;
  readonly bootId: string;
}

/** The start time from `/proc/<pid>/stat`; undefined for a process that has ended and waits for its parent. */
export function parseStartTicks(stat: string): number | undefined {
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = Number(fields[19]);
  return state === 'Z' || state === 'X' || !Number.isSafeInteger(startTicks) ? undefined : startTicks;
}

export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readProc(`/proc/${pid}/stat`);
  const startTicks = stat === undefined ? undefined : parseStartTicks(stat);
  return startTicks === undefined ? undefined : { pid, startTicks, bootId: await readBootId() };
}

export async function isAlive({ pid, startTicks, bootId }: ProcessIdentity): Promise<boolean> {
  const stat = await readProc(`/proc/${pid}/stat`);
  if (stat === undefined || parseStartTicks(stat) !== startTicks) return false;
  return (await readBootId()) === bootId;
}

export async function readBootId(): Promise<string> {
  return (await readProc('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
}

/** A process may end between any two looks: then there is nothing to read. */
async function readProc(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
