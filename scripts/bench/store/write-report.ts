import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';

import { medianOf } from '../kit/latencies.ts';
import { drawPlots, type PlotPanel } from '../kit/line-plot.ts';
import { formatFigure, formatMarkdownTable } from '../kit/markdown-table.ts';
import type { FailoverFigures } from './measure-failover.ts';
import type { ListFigures } from './measure-lists.ts';
import type { UsageFigures } from './measure-usage.ts';
import type { WatchFigures } from './measure-watches.ts';
import type { WriteFigures } from './measure-writes.ts';
import { systemNames } from './systems.ts';

export interface StoreFigures {
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

function describeFigures({ writes, watches, lists, failovers, usage }: StoreFigures, name: string): string {
  return `# The store beside etcd

Written by \`npm run bench:store\` on ${new Date().toISOString().slice(0, 10)}; ${describeMachine()}. Three members of
Muster and three of etcd (Debian's 3.4, its defaults) on the same three network namespaces, with their data on one disk and TLS
with the same certificates on every connection. The systems take turns in every round; the figures are medians of the
rounds. The load comes from a process of its own with Node's HTTP/2 client and no library on top. "Muster's store" is
the protocol that members write to their leader with, the equal of etcd's Put; "Muster's API" is a PUT of a ConfigMap
over HTTPS, with authentication, admission and validation, for which a Kubernetes cluster would have an API server
before its etcd.

![Writes per second and latency by number of clients](${name}.svg)

## Writes

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

100 writes/s; from before a write is sent until a watcher has its event. The watchers are spread over the three members.

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

The longest time that one client has no write acknowledged, writing through the survivors.

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

Of each of the three members: all its processes together, resident memory as the kernel counts it for each.

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
