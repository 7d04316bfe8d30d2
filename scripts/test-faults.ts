import { parseArgs } from 'node:util';

import { openFaultCluster } from '../test/consensus/cluster/fault-cluster.ts';
import { catalog, findFault } from '../test/consensus/faults/catalog.ts';
import { createRandom } from '../test/consensus/random.ts';
import { explainResult, findShortcomings } from '../test/consensus/run/explain-result.ts';
import { runFaults } from '../test/consensus/run/run-faults.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    members: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    faults: { type: 'string' },
  },
});
const seed = Number(values.seed);
const memberCount = Number(values.members);
const durationMs = Number(values.minutes) * 60_000;
if (!(Number.isInteger(seed) && memberCount >= 3 && durationMs >= 0)) {
  console.error('test:faults: --seed is a whole number, --members at least 3, --minutes not negative');
  process.exit(2);
}
if (process.getuid?.() !== 0) {
  console.error('test:faults: network namespaces need root: sudo npm run test:faults');
  process.exit(2);
}

const random = createRandom(seed);
const faults = values.faults?.split(',').map(findFault) ?? random.shuffle(catalog);
console.log(
  `seed ${seed}: ${memberCount} members, ${values.minutes} minutes, ${faults.map(({ name }) => name).join(', ')}`,
);
const cluster = await openFaultCluster({ name: 'faults', subnet: 30, memberCount });
try {
  const result = await runFaults({
    ...{ cluster, random, faults, durationMs, calmMs: [500, 2_000], clientsPerMember: 2 },
    report: (line) => console.log(line),
  });
  console.log(explainResult(result, seed));
  const shortcomings = findShortcomings(result);
  for (const { check, what } of shortcomings) console.log(`${check}: ${what}`);
  if (shortcomings.length > 0) {
    await cluster.printLogs();
    process.exitCode = 1;
  }
} finally {
  await cluster.remove();
}
