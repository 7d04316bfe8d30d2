import { readdir, readFile } from 'node:fs/promises';

const ticksPerSecond = 100; // USER_HZ, which Linux fixes for everything below /proc

/** What a group of processes uses together. */
export interface ProcessUsage {
  readonly count: number;
  readonly cpuSeconds: number;
  /** Resident memory, pages that several of them share counted in each. */
  readonly rssBytes: number;
  /** Proportional share: a page that n processes map counts 1/n in each. */
  readonly pssBytes: number;
}

/** The process and everything that descends from it. */
export async function findFamily(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readStat(Number(entry));
    if (stat !== undefined) parents.set(Number(entry), Number(stat[1]));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

export async function sampleProcesses(pids: readonly number[]): Promise<ProcessUsage> {
  const samples = await Promise.all(pids.map(sampleProcess));
  const total = (pick: (usage: ProcessUsage) => number): number =>
    samples.reduce((sum, sample) => sum + (sample === undefined ? 0 : pick(sample)), 0);
  return {
    count: total(({ count }) => count),
    cpuSeconds: total(({ cpuSeconds }) => cpuSeconds),
    rssBytes: total(({ rssBytes }) => rssBytes),
    pssBytes: total(({ pssBytes }) => pssBytes),
  };
}

/** Undefined when the process has ended. */
async function sampleProcess(pid: number): Promise<ProcessUsage | undefined> {
  const stat = await readStat(pid);
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => undefined);
  if (stat === undefined || rollup === undefined) return undefined;
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0);
  return {
    count: 1,
    cpuSeconds: (Number(stat[11]) + Number(stat[12])) / ticksPerSecond,
    rssBytes: kilobytes('Rss') * 1024,
    pssBytes: kilobytes('Pss') * 1024,
  };
}

/** The fields of /proc/PID/stat that follow the program's name: state, parent, and so on. */
async function readStat(pid: number): Promise<string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}
