// Memory and disk of every member while the same keys are written over and over:
// `node scripts/bench/churn.ts [--writes 1000000] [--keys 1000] [--clients 64] [--bytes 1024] [--out FILE]`.
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import type { LabMember } from '../lab/spec.ts';
import { startBenchCluster } from './kit/bench-cluster.ts';
import { JsonClient } from './kit/json-client.ts';
import { waitUntilSettled } from './kit/wait-until-settled.ts';
import { formatFigure, formatMarkdownTable } from './kit/markdown-table.ts';

interface Sample {
  readonly writes: number;
  readonly seconds: number;
  /** One for each member, in order. */
  readonly rssBytes: readonly number[];
  readonly diskBytes: readonly number[];
}

const checkpoints = 20;
const number = (text: string): number => Number(text.replaceAll('_', ''));
const { values } = parseArgs({
  options: {
    writes: { type: 'string', default: '1000000' },
    keys: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '1024' },
    out: { type: 'string' },
  },
});
const wanted = number(values.writes);
const keys = number(values.keys);
const value = 'x'.repeat(number(values.bytes));
const collection = '/api/v1/namespaces/default/configmaps';

await using cluster = await startBenchCluster({
  ...{ name: 'bchurn', subnet: 92, members: 3, report: console.log },
});
const { members } = cluster;
const done = { writes: 0, failures: 0, startedMs: performance.now() };
await waitUntilSettled(cluster);
await fill();
done.startedMs = performance.now();
const samples = [await sample()];
await Promise.all([write(), watchUsage()]);
samples.push(await sample());
const text = describe();
console.log(text);
if (values.out !== undefined) await writeFile(values.out, text);

function document(key: number, count: number): object {
  const metadata = { name: `churn-${key}`, namespace: 'default' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value, count: String(count) } };
}

function openClients(): readonly JsonClient[] {
  return Array.from({ length: number(values.clients) }, (_, index) => {
    const member = members[index % members.length];
    if (member === undefined) throw new Error('no members');
    return new JsonClient(cluster.endpoint(member));
  });
}

async function fill(): Promise<void> {
  await spread(keys, (client, key) => client.send('POST', collection, document(key, 0)), 201);
  done.writes = 0;
}

function write(): Promise<void> {
  const put = (client: JsonClient, index: number): Promise<number> =>
    client.send('PUT', `${collection}/churn-${index % keys}`, document(index % keys, index));
  return spread(wanted, put, 200);
}

/** Does `count` calls with all clients, each of which has one under way at a time. */
async function spread(
  count: number,
  call: (client: JsonClient, index: number) => Promise<number>,
  success: number,
): Promise<void> {
  const next = { index: 0 };
  await Promise.all(
    openClients().map(async (client) => {
      while (next.index < count) {
        const index = next.index;
        next.index += 1;
        const status = await call(client, index);
        if (status === success) done.writes += 1;
        else done.failures += 1;
      }
      client.close();
    }),
  );
}

async function watchUsage(): Promise<void> {
  for (let index = 1; index < checkpoints; index += 1) {
    while (done.writes + done.failures < (wanted * index) / checkpoints) await delay(100);
    samples.push(await sample());
  }
}

async function sample(): Promise<Sample> {
  const usage = await Promise.all(members.map((member) => cluster.usage(member)));
  const taken: Sample = {
    writes: done.writes,
    seconds: (performance.now() - done.startedMs) / 1_000,
    rssBytes: usage.map(({ rssBytes }) => rssBytes),
    diskBytes: await Promise.all(members.map(databaseBytes)),
  };
  const figures = members.map(
    ({ name }, index) =>
      `${name} ${megabytes(taken.rssBytes[index])} MB, disk ${megabytes(taken.diskBytes[index])} MB`,
  );
  const perSecond = (taken.writes / Math.max(taken.seconds, 1)).toFixed(0);
  console.log(`${taken.writes} writes (${perSecond}/s, ${done.failures} failed): ${figures.join('; ')}`);
  return taken;
}

async function databaseBytes({ dataDirectory }: LabMember): Promise<number> {
  const directory = path.join(dataDirectory, 'dqlite');
  const names = await readdir(directory);
  const sizes = await Promise.all(
    // Raft removes segments and snapshots while we look.
    names.map((name) =>
      stat(path.join(directory, name)).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number | undefined): string {
  return formatFigure((bytes ?? Number.NaN) / 1e6);
}

function describe(): string {
  const header = [
    'writes',
    'per second',
    ...members.flatMap(({ name }) => [`${name} memory MB`, `${name} disk MB`]),
  ];
  const rows = samples.map((taken) => [
    taken.writes.toLocaleString('en-US'),
    formatFigure(taken.writes / Math.max(taken.seconds, 1)),
    ...members.flatMap((_, index) => [megabytes(taken.rssBytes[index]), megabytes(taken.diskBytes[index])]),
  ]);
  return `${[
    `# ${wanted.toLocaleString('en-US')} writes to ${keys.toLocaleString('en-US')} keys`,
    '',
    `Three members on this machine, ${values.clients} clients that replace ConfigMaps of ${values.bytes} bytes through all of`,
    'them. Memory is resident memory of musterd and its helper processes together, disk is the database directory.',
    `${done.failures} writes failed. Made by \`node scripts/bench/churn.ts --writes ${wanted}\`.`,
    '',
    formatMarkdownTable(header, rows),
  ].join('\n')}\n`;
}
