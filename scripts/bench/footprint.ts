// `npm run bench:footprint`: what an idle cluster costs: memory, CPU, and whether anything is written [--out FILE].
import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createClusterApi } from '../../src/runtime/create-cluster-api.ts';
import { members as memberKind } from '../../src/api/generated/resources.ts';
import { startBenchCluster, type BenchCluster } from './kit/bench-cluster.ts';
import { formatFigure, formatMarkdownTable } from './kit/markdown-table.ts';

const { values: flags } = parseArgs({
  options: {
    // What the start has left to do, and to clean up after, takes a minute and a half.
    settle: { type: 'string', default: '120' },
    seconds: { type: 'string', default: '60' },
    out: { type: 'string' },
  },
});
const settleMs = Number(flags.settle) * 1_000;
const measuredMs = Number(flags.seconds) * 1_000;

/** One revision for each write to the store, whoever makes it. */
async function readRevision(cluster: BenchCluster): Promise<number> {
  const [first] = cluster.members;
  if (first === undefined) throw new Error('the cluster has no member');
  const clusterApi = createClusterApi(cluster.endpoint(first));
  try {
    const { resourceVersion } = await clusterApi.list(memberKind, {}, AbortSignal.timeout(10_000));
    return Number(resourceVersion);
  } finally {
    await clusterApi.close();
  }
}

const report = (line: string): void => console.log(line);
await using cluster = await startBenchCluster({ name: 'bidle', subnet: 96, members: 3, report });
report(`waiting ${settleMs / 1_000} s for the cluster to settle, then measuring ${measuredMs / 1_000} s`);
await delay(settleMs);
const revision = await readRevision(cluster);
const before = await Promise.all(cluster.members.map((member) => cluster.usage(member)));
await delay(measuredMs);
const after = await Promise.all(cluster.members.map((member) => cluster.usage(member)));
const written = (await readRevision(cluster)) - revision;
const rows = after.map((usage, index) => [
  cluster.members[index]?.name ?? '',
  formatFigure(((usage.cpuSeconds - (before[index]?.cpuSeconds ?? 0)) / measuredMs) * 100_000),
  formatFigure(usage.rssBytes / 1e6),
  formatFigure(usage.pssBytes / 1e6),
  String(usage.count),
]);
const text = `# An idle cluster

Three members on one machine with two cores, ${flags.settle} s after the last one has joined, for ${flags.seconds} s. A member is
musterd with its helpers; "PSS" counts what they share once. Made by \`npm run bench:footprint\`.

${formatMarkdownTable(['member', '% of a core', 'RSS MB', 'PSS MB', 'processes'], rows)}

Writes to the store in this time: ${written}.
`;
report(text);
if (flags.out !== undefined) await writeFile(flags.out, text);
