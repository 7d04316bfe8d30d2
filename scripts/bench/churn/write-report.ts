import { formatFigure, formatMarkdownTable } from '../kit/markdown-table.ts';
import type { Growth, Stretch } from './judge-growth.ts';

export interface ChurnResult {
  readonly command: string;
  readonly members: readonly string[];
  readonly writes: number;
  readonly keys: number;
  readonly clients: number;
  readonly valueBytes: number;
  readonly failures: number;
  readonly firstFailure?: string;
  readonly stretches: readonly Stretch[];
  readonly growth: readonly Growth[];
}

// In fewer, the heaps of the members have not found their size yet.
const tellingWrites = 100_000;

export function describeVerdict({ writes, growth }: ChurnResult): string {
  const unbounded = growth.filter(({ isBounded }) => !isBounded);
  if (writes < tellingWrites) return `No verdict: ${count(writes)} writes are too few for one.`;
  if (unbounded.length === 0) return 'Bounded: nothing ends much higher in the last half than in the first.';
  const names = unbounded.map(({ member, what }) => `${what} of ${member}`);
  return `NOT bounded: ${names.join(', ')}.`;
}

/** True when the run proves that nothing grows. */
export function isProof({ writes, growth, failures }: ChurnResult): boolean {
  return failures === 0 && (writes < tellingWrites || growth.every(({ isBounded }) => isBounded));
}

export function writeReport(result: ChurnResult): string {
  const { writes, keys, clients, valueBytes, failures, firstFailure, command } = result;
  const seconds = result.stretches.reduce((sum, stretch) => sum + stretch.seconds, 0);
  const failed = failures === 0 ? 'No write failed.' : `${failures} writes failed, first: ${firstFailure}.`;
  return `${[
    `# ${count(writes)} writes to ${count(keys)} keys`,
    '',
    `${result.members.length} members on this machine; ${clients} clients replace ConfigMaps of ${valueBytes} random bytes through all of`,
    `them, each one at a time, over HTTPS: ${formatFigure(writes / seconds)} writes a second for ${Math.round(seconds)} s. ${failed}`,
    '',
    `**${describeVerdict(result)}** Memory is resident memory of musterd and its helper processes together, disk what the`,
    'database directory occupies. Both are looked at every 2 s; the tables have the highest of what was seen.',
    '',
    formatMarkdownTable(['', 'first half MB', 'last half MB', 'change'], result.growth.map(describeGrowth)),
    '',
    describeStretches(result),
    '',
    `Made by \`${command}\`.`,
  ].join('\n')}\n`;
}

function describeGrowth({ member, what, firstBytes, lastBytes }: Growth): readonly string[] {
  const percent = (lastBytes / firstBytes - 1) * 100;
  const sign = percent > 0 ? '+' : '';
  return [`${member} ${what}`, megabytes(firstBytes), megabytes(lastBytes), `${sign}${percent.toFixed(0)} %`];
}

function describeStretches({ members, stretches }: ChurnResult): string {
  const done = { writes: 0 };
  const header = [
    'writes',
    'per second',
    ...members.flatMap((name) => [`${name} memory MB`, `${name} disk MB`]),
  ];
  const rows = stretches.map(({ writes, seconds, peaks }) => {
    done.writes += writes;
    const figures = peaks.flatMap(({ memoryBytes, diskBytes }) => [
      megabytes(memoryBytes),
      megabytes(diskBytes),
    ]);
    return [count(done.writes), formatFigure(writes / seconds), ...figures];
  });
  return formatMarkdownTable(header, rows);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return formatFigure(bytes / 1e6);
}
