// `npm run bench:store`: Muster's store and API beside etcd, on the same three hosts, in the same run.
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startBenchCluster } from './kit/bench-cluster.ts';
import { ApiClient } from './store/api-client.ts';
import { fetchEtcd, startEtcdCluster } from './store/etcd-cluster.ts';
import { measureFailover } from './store/measure-failover.ts';
import { measureLists } from './store/measure-lists.ts';
import { measureUsage } from './store/measure-usage.ts';
import { measureWatches, watchNamespace } from './store/measure-watches.ts';
import { measureWrites } from './store/measure-writes.ts';
import { apiTarget, type Systems } from './store/systems.ts';
import { benchNamespace } from './store/write-load.ts';
import { writeReport } from './store/write-report.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const clients = [1, 16, 64, 256];
const full = {
  // Twice the size tells little more: where it is asked for, at both ends of the usual range.
  series: [
    { valueBytes: 1_024, clients },
    { valueBytes: 2_048, clients: [1, 64] },
  ],
  ...{ rounds: 3, durationMs: 4_000, warmUpMs: 700 },
  ...{ watchers: [1, 100], watchMs: 8_000, lists: 5, kills: 3, usageMs: 20_000 },
};
const quick = {
  series: [{ valueBytes: 1_024, clients: [1, 64] }],
  ...{ rounds: 3, durationMs: 2_000, warmUpMs: 500 },
  ...{ watchers: [1, 100], watchMs: 3_000, lists: 3, kills: 1, usageMs: 10_000 },
};
const plan = flags.quick ? quick : full;
const report = (line: string): void => console.log(line);

if (process.getuid?.() !== 0) throw new Error('network namespaces need root: sudo npm run bench:store');
await fetchEtcd(report);
await using muster = await startBenchCluster({ name: 'bstore', subnet: 90, members: 3, report });
const etcd = await startEtcdCluster(muster.members, path.join(tmpdir(), 'muster-bench-etcd'));
try {
  const systems: Systems = { muster, etcd };
  const admin = new ApiClient(apiTarget(systems, 0));
  for (const namespace of [benchNamespace, watchNamespace]) await admin.createNamespace(namespace);
  admin.close();
  const usage = await measureUsage(systems, plan.usageMs);
  const writes = await measureWrites(systems, { ...plan, kinds: ['etcd', 'store', 'api'] }, report);
  const watching = { ...plan, perSecond: 100, durationMs: plan.watchMs };
  const watches = await measureWatches(systems, watching, report);
  const listing = { entries: 10_000, rounds: plan.lists, valueBytes: 1_024 };
  const lists = await measureLists(systems, listing, report);
  const failovers = await measureFailover(systems, plan.kills, report);
  const figures = { plan, writes, watches, lists, failovers, usage };
  report(`wrote ${await writeReport(figures, flags.quick ? 'store-quick' : 'store')}`);
} finally {
  etcd.close();
}
