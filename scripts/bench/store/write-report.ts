import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';

import { medianOf } from '../kit/latencies.ts';
import { drawPlots, type PlotPanel } from '../kit/line-plot.ts';
import { formatFigure, formatMarkdownTable } from '../kit/markdown-table.ts';
import { attemptMs, type FailoverFigures } from './measure-failover.ts';
import type { ListFigures } from './measure-lists.ts';
import type { UsageFigures } from './measure-usage.ts';
import type { WatchFigures } from './measure-watches.ts';
import type { WriteFigures } from './measure-writes.ts';
import { systemNames } from './systems.ts';

export interface StoreFigures {
  readonly plan: { readonly rounds: number; readonly durationMs: number; readonly usageMs: number };
  readonly writes: readonly WriteFigures[];
  readonly watches: readonly WatchFigures[];
  readonly lists: readonly ListFigures[];
  readonly failovers: readonly FailoverFigures[];
  readonly usage: readonly UsageFigures[];
}

const folder = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'benchmarks');

/** `docs/benchmarks/store.md` and `store.svg`; a quick run goes to files of its own, so that it replaces nothing. */
export async function writeReport(figures: StoreFigures, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${name}.svg`), drawPlots(plotWrites(figures.writes)));
  const file = path.join(folder, `${name}.md`);
  await writeFile(file, describeFigures(figures, name));
  execFileSync(path.join(folder, '../../node_modules/.bin/prettier'), [
    '--write',
    '--log-level',
    'warn',
    file,
  ]);
  return file;
}

function describeFigures(
  { plan, writes, watches, lists, failovers, usage }: StoreFigures,
  name: string,
): string {
  return `# The store beside etcd

Written by \`npm run bench:store\` on ${new Date().toISOString().slice(0, 10)}; ${describeMachine()}. Compare the
figures of one run with each other: another machine, or another disk, has others.

- **etcd**: three members (Debian's 3.4, its defaults), asked with Put, Range and Watch.
- **Muster's store**: three members, written to with the protocol that members send their writes to the leader with,
  the equal of Put.
- **Muster's API**: the same three members, asked over HTTPS as kubectl does it: a PUT of a ConfigMap, a list, a
  watch, with authentication, admission and validation. A Kubernetes cluster has an API server before its etcd for that.

Both clusters run on the same three network namespaces, with their data on one disk, and with TLS and the same certificates
on every connection; every write is on the disks of a majority before it is answered. While one is measured the other is
idle. The load comes from a process of its own, with Node's HTTP/2 client and no library on top.

![Writes per second and latency by number of clients](${name}.svg)

## Writes

Each client overwrites ten keys of its own, one write after the other, at the member that leads. ${plan.rounds} rounds of
${plan.durationMs / 1_000} s in which the systems take turns; each figure is the median of the rounds. "Of etcd" is the
rate divided by etcd's in the same row group.

${formatMarkdownTable(
  ['system', 'value', 'clients', 'writes/s', 'of etcd', 'p50 ms', 'p99 ms'],
  writes.map((one) => [
    systemNames[one.kind],
    `${one.valueBytes} B`,
    String(one.clients),
    formatFigure(one.perSecond),
    formatFigure(one.perSecond / etcdRate(writes, one)),
    formatFigure(one.latency.p50Ms),
    formatFigure(one.latency.p99Ms),
  ]),
)}

## Watches

100 writes/s to 100 keys; from before a write is sent until a watcher has its event. The watchers are spread over the
three members, and share one connection to each. "Events" is what arrived, of all rounds the median.

${formatMarkdownTable(
  ['system', 'watchers', 'p50 ms', 'p99 ms', 'events'],
  watches.map(({ kind, watchers, latency }) => [
    systemNames[kind],
    String(watchers),
    formatFigure(latency.p50Ms),
    formatFigure(latency.p99Ms),
    formatFigure(latency.count),
  ]),
)}

## List of 10,000 entries of 1 kB

${formatMarkdownTable(
  ['system', 'median ms', 'MB'],
  lists.map((one) => [one.name, formatFigure(one.medianMs), formatFigure(one.bytes / 1e6)]),
)}

## The leader is killed

\`kill -9\`. The longest time that one client has no write acknowledged, which writes through the survivors, gives up a write
after ${attemptMs} ms, and then asks the other one. [failover.md](failover.md) has more of it.

${formatMarkdownTable(
  ['system', 'median ms', 'worst ms', 'kills'],
  failovers.map(({ kind, gapsMs }) => [
    systemNames[kind],
    formatFigure(medianOf(gapsMs)),
    formatFigure(Math.max(...gapsMs)),
    String(gapsMs.length),
  ]),
)}

## CPU and memory

Of each of the three members, over ${plan.usageMs / 1_000} s: all its processes together, resident memory at the end as the
kernel counts it for each. Muster's members do all that a cluster does meanwhile (API, controllers, host agent); etcd has none of that.

${formatMarkdownTable(
  ['system', 'state', '% of a core', 'MB'],
  usage.map(({ name: system, state, cpuPercent, rssBytes }) => [
    system,
    state,
    cpuPercent.map(formatFigure).join(' / '),
    rssBytes.map((bytes) => formatFigure(bytes / 1e6)).join(' / '),
  ]),
)}
`;
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} cores (${model}), shared by all of it`;
}

function etcdRate(writes: readonly WriteFigures[], { clients, valueBytes }: WriteFigures): number {
  const etcd = writes.find(
    (one) => one.kind === 'etcd' && one.clients === clients && one.valueBytes === valueBytes,
  );
  return etcd?.perSecond ?? Number.NaN;
}

/** Of the smallest value size: the others look alike, and the table has them. */
function plotWrites(writes: readonly WriteFigures[]): PlotPanel[] {
  const size = Math.min(...writes.map(({ valueBytes }) => valueBytes));
  const shown = writes.filter(({ valueBytes }) => valueBytes === size);
  const clients = [...new Set(shown.map((one) => one.clients))];
  const kinds = [...new Set(shown.map(({ kind }) => kind))];
  const panel = (title: string, pick: (figures: WriteFigures) => number): PlotPanel => ({
    title,
    positions: clients.map(String),
    positionName: `clients (values of ${size} B)`,
    lines: kinds.map((kind) => ({
      name: systemNames[kind],
      values: clients.map((count) => {
        const found = shown.find((one) => one.kind === kind && one.clients === count);
        return found === undefined ? Number.NaN : pick(found);
      }),
    })),
  });
  return [
    panel('writes per second', ({ perSecond }) => perSecond),
    panel('p50 in ms', ({ latency }) => latency.p50Ms),
    panel('p99 in ms', ({ latency }) => latency.p99Ms),
  ];
}
