import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { drawPlots, type PlotPanel } from '../kit/line-plot.ts';
import { formatFigure, formatMarkdownTable } from '../kit/markdown-table.ts';
import type { CallFigures } from './measure-calls.ts';
import type { FanOutFigures } from './measure-fan-out.ts';
import type { KubectlFigures } from './measure-kubectl.ts';

export interface MemoryFigures {
  readonly when: string;
  readonly wanted: string;
  readonly rssBytes: readonly number[];
  readonly cpuSeconds: readonly number[];
}

export interface ApiFigures {
  readonly calls: readonly CallFigures[];
  readonly lists: readonly CallFigures[];
  readonly later: readonly CallFigures[];
  readonly kubectl: readonly KubectlFigures[];
  readonly fanOut: readonly FanOutFigures[];
  readonly memory: readonly MemoryFigures[];
  readonly operations: number;
}

const folder = path.join(import.meta.dirname, '../../../docs/benchmarks');

/** `docs/benchmarks/api.md` and `api.svg`; a quick run goes to files of its own. */
export async function writeApiReport(figures: ApiFigures, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${name}.svg`), drawPlots(plotCalls(figures.calls)));
  const file = path.join(folder, `${name}.md`);
  const options = await resolveConfig(file);
  await writeFile(file, await format(describe(figures, name), { ...options, parser: 'markdown' }));
  return file;
}

function describe(figures: ApiFigures, name: string): string {
  const { calls, lists, later, kubectl, fanOut, memory, operations } = figures;
  const [cpu] = cpus();
  return `# The API, measured

Written by \`npm run bench:api\` on ${new Date().toISOString().slice(0, 10)}; ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), shared by three
members, their controllers and host agents, and the load. Everything goes through HTTPS to the member that leads, with a client
certificate, authorization, admission, validation and three replicas on disk. The load comes from a process of its own,
HTTP/2, up to 64 callers on a connection. The Instances name an image that does not exist: the controllers judge each of them and no
host starts anything. "Wanted" is what Muster aims at.

![Calls per second and latency by number of clients](${name}.svg)

## Single objects

An update is a GET and a PUT. What a create of an Instance sets off (a verdict in its status, an Event) is written by the
controllers meanwhile; a ConfigMap sets off nothing. One caller waits for each commit on the disks of two members; of many,
those that come together share one.

${callTable(calls)}

## Lists

First 500 and then 10,000 Instances with a full status are there; a page has so many of them as the name says.

${callTable(lists)}

${formatMarkdownTable(
  ['command', 'when', 'median ms', 'wanted', 'lines'],
  kubectl.map((one) => [
    ...[one.command, one.when, formatFigure(one.medianMs), one.wanted],
    String(one.lines),
  ]),
)}

## Watches

100 writes a second; from before a write is sent until a watcher has its event.

${formatMarkdownTable(
  ['watchers', 'p50 ms', 'p99 ms', 'events', 'missing'],
  fanOut.map(({ watchers, latency, missing }) => [
    ...[String(watchers), formatFigure(latency.p50Ms), formatFigure(latency.p99Ms)],
    ...[String(latency.count), String(missing)],
  ]),
)}

## The same after ${operations.toLocaleString('en-US')} writes

What creates had left was deleted before, so that there is as much in the cluster as at first.

${callTable(later)}

## Memory and CPU

Of each of the three members, all its processes together, musterd and the database; the first one leads. What the second
row has more than the first is what 10,000 Instances cost, with the Event and the history of each.

${formatMarkdownTable(
  ['when', 'MB', 'wanted', 'CPU seconds so far'],
  memory.map(({ when, wanted, rssBytes, cpuSeconds }) => [
    when,
    rssBytes.map((bytes) => formatFigure(bytes / 1e6)).join(' / '),
    wanted,
    cpuSeconds.map(formatFigure).join(' / '),
  ]),
)}
`;
}

function callTable(calls: readonly CallFigures[]): string {
  return formatMarkdownTable(
    ['call', 'clients', 'per second', 'p50 ms', 'p99 ms', 'wanted', 'failures'],
    calls.map(({ what, clients, wanted, perSecond, latency, failures }) => [
      ...[what, String(clients), formatFigure(perSecond)],
      ...[formatFigure(latency.p50Ms), formatFigure(latency.p99Ms), wanted, String(failures)],
    ]),
  );
}

function plotCalls(calls: readonly CallFigures[]): PlotPanel[] {
  const counts = [...new Set(calls.map(({ clients }) => clients))];
  const shown = ['get', 'create', 'patch', 'apply'];
  const panel = (title: string, pick: (figures: CallFigures) => number): PlotPanel => ({
    title,
    positions: counts.map(String),
    positionName: 'clients',
    lines: shown.map((what) => ({
      name: what,
      values: counts.map((count) => {
        const found = calls.find((one) => one.what === what && one.clients === count);
        return found === undefined ? Number.NaN : pick(found);
      }),
    })),
  });
  return [
    panel('calls per second', ({ perSecond }) => perSecond),
    panel('p99 in ms', ({ latency }) => latency.p99Ms),
  ];
}
