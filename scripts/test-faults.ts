import { parseArgs } from 'node:util';

import { openFaultCluster } from '../test/consensus/cluster/fault-cluster.ts';
import { catalog, findFault } from '../test/consensus/faults/catalog.ts';
import { findMutation, type Broken } from '../test/consensus/mutations/find-mutation.ts';
import { isFound, mutations, type Mutation } from '../test/consensus/mutations/mutation.ts';
import { createRandom } from '../test/consensus/random.ts';
import { explainResult, findShortcomings } from '../test/consensus/run/explain-result.ts';
import { runFaults } from '../test/consensus/run/run-faults.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    members: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    faults: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    logs: { type: 'boolean', default: false },
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

const report = (line: string): void => console.log(line);
const isPassed = values.mutations ? await findAllMutations() : await runLong();
process.exitCode = isPassed ? 0 : 1;

/** One fault after the other for as long as was asked for. */
async function runLong(): Promise<boolean> {
  const random = createRandom(seed);
  const faults = values.faults?.split(',').map(findFault) ?? random.shuffle(catalog);
  report(`seed ${seed}: ${memberCount} members, ${values.minutes} minutes`);
  const cluster = await openFaultCluster({ name: 'faults', subnet: 30, memberCount });
  try {
    const result = await runFaults({
      ...{ cluster, random, faults, durationMs, calmMs: [500, 2_000], clientsPerMember: 2, report },
    });
    report(explainResult(result, seed));
    const shortcomings = findShortcomings(result);
    for (const { check, what } of shortcomings) report(`${check}: ${what}`);
    if (shortcomings.length > 0 || values.logs) await cluster.printLogs();
    return shortcomings.length === 0;
  } catch (error) {
    await cluster.printLogs();
    throw error;
  } finally {
    await cluster.remove();
  }
}

/** Breaks one promise after the other; each has to be found. */
async function findAllMutations(): Promise<boolean> {
  const broken: Broken = { mutation: undefined };
  const mutation = (): Mutation | undefined => broken.mutation;
  const cluster = await openFaultCluster({ name: 'faults', subnet: 30, memberCount, mutation });
  const missed: string[] = [];
  try {
    for (const one of mutations) {
      const violations = await findMutation(cluster, broken, one, { seed, report });
      const found = new Set(violations.map(({ check }) => check));
      const isRight = isFound(one, found);
      report(`${isRight ? 'right' : 'WRONG'}: ${one.name}: found ${[...found].join(', ') || 'nothing'}`);
      if (!isRight) missed.push(one.name);
    }
  } finally {
    await cluster.remove();
  }
  return missed.length === 0;
}
