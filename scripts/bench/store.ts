// `npm run bench:store`: Muster's store and API beside etcd, on the same three hosts, in the same run.
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { startBenchCluster } from './kit/bench-cluster.ts';
import { fetchEtcd, startEtcdCluster } from './store/etcd-cluster.ts';
import { measureWrites } from './store/measure-writes.ts';
import { ApiClient } from './store/api-client.ts';
import { apiTarget, type Systems } from './store/systems.ts';
import { benchNamespace } from './store/write-load.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const report = (line: string): void => console.log(line);

await fetchEtcd(report);
await using muster = await startBenchCluster({ name: 'bstore', subnet: 90, members: 3, report });
const etcd = await startEtcdCluster(muster.members, path.join(tmpdir(), 'muster-bench-etcd'));
const systems: Systems = { muster, etcd };
const admin = new ApiClient(apiTarget(systems, 0));
await admin.createNamespace(benchNamespace);
admin.close();
const writes = await measureWrites(
  systems,
  {
    kinds: ['etcd', 'store', 'api'],
    clients: [1, 16, 64, 256],
    valueBytes: [1024],
    rounds: 1,
    durationMs: 2000,
    warmUpMs: 500,
  },
  report,
);
etcd.close();
console.log(flags, writes.length);
