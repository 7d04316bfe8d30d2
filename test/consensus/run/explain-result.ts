import type { Violation } from '../watch/stream.ts';
import type { RunResult } from './run-faults.ts';

// A run in which little happened proves little. An idle machine does ten times as much.
const leastPerSecond = 10;
const leastMet = 5;
const shownProblems = 25;

/** Violations, and what makes a run prove too little: empty when the run counts as passed. */
export function findShortcomings(result: RunResult): readonly Violation[] {
  const idle = result.faults
    .filter(({ metCount }) => metCount < leastMet)
    .map(({ name, what, metCount }) => ({
      check: 'rate',
      what: `${name} (${what}) met ${metCount} operations, fewer than ${leastMet}`,
    }));
  const rate = result.acknowledgedPerSecond;
  const slow =
    rate < leastPerSecond
      ? [{ check: 'rate', what: `${rate.toFixed(1)} operations per second, fewer than ${leastPerSecond}` }]
      : [];
  return [...result.violations, ...idle, ...slow];
}

/** What happened, for people. */
export function explainResult(result: RunResult, seed: number): string {
  const byFault = Map.groupBy(result.faults, ({ name }) => name);
  const rows = [...byFault].map(([name, records]) => {
    const sum = (of: 'failedCount' | 'metCount'): number =>
      records.reduce((total, record) => total + record[of], 0);
    const recovery = records.map(({ recoveryMs }) => Math.round(recoveryMs)).toSorted((a, b) => a - b);
    const median = recovery[Math.floor(recovery.length / 2)] ?? 0;
    const slowest = recovery.at(-1) ?? 0;
    const met = `met ${sum('metCount')} operations, ${sum('failedCount')} failed`;
    return `  ${name.padEnd(24)} ${records.length} x, ${met}; writes after ${median} ms (worst ${slowest} ms)`;
  });
  const problems = [...result.problems]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shownProblems)
    .map(([text, count]) => `  ${String(count).padStart(6)} x ${text}`);
  return [
    `seed ${seed}: ${result.operationCount} operations (${result.acknowledgedPerSecond.toFixed(0)}/s acknowledged), ` +
      `${result.listCount} lists, ${result.streamCount} watches with ${result.eventCount} events`,
    ...rows,
    'what clients were told:',
    ...problems,
    result.violations.length === 0 ? 'no violation' : `${result.violations.length} violations`,
  ].join('\n');
}
