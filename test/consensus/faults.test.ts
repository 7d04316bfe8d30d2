import assert from 'node:assert/strict';

import { openFaultCluster, type FaultCluster } from './cluster/fault-cluster.ts';
import { findFault } from './faults/catalog.ts';
import { findMutation, type Broken } from './mutations/find-mutation.ts';
import { isFound, mutations, type Mutation } from './mutations/mutation.ts';
import { createRandom } from './random.ts';
import { explainResult, findShortcomings } from './run/explain-result.ts';
import { runFaults } from './run/run-faults.ts';

// What happens most, and one of the others. The long run (npm run test:faults) has them all.
const faults = ['kill', 'leader-alone', 'pause', 'transfer'];
const others = ['one-way', 'disk-slow', 'clock-jump', 'stall', 'kill-database', 'bridge', 'packet-loss'];
// Together where each has checks of its own: every start of all members costs seconds. The long run has them one by one.
const together = [
  ['compare-and-set compares nothing', 'a write may carry any term'],
  ['the read barrier waits for nothing'],
];

/** Another one in each run, so that many runs see much; what failed is repeated with MUSTER_TEST_SEED. */
const seed = Number(process.env['MUSTER_TEST_SEED'] ?? Math.floor(Math.random() * 1e6));

describe('consensus: members under faults', function () {
  this.timeout(240_000);
  const broken: Broken = { mutation: undefined };
  const started: { cluster?: FaultCluster } = {};
  const get = (): FaultCluster => {
    assert(started.cluster !== undefined, 'the cluster has not started');
    return started.cluster;
  };
  const report = (line: string): void => console.log(`      ${line}`);

  before(async () => {
    started.cluster = await openFaultCluster({
      ...{ name: 'proof', subnet: 32, memberCount: 3 },
      mutation: () => broken.mutation,
    });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await get().printLogs();
  });
  after(async () => {
    await started.cluster?.remove();
  });

  it(`keeps every promise (seed ${seed})`, async () => {
    const random = createRandom(seed);
    const result = await runFaults({
      ...{
        cluster: get(),
        random,
        faults: random.shuffle([...faults, random.pick(others)].map(findFault)),
        durationMs: 0,
        report,
      },
      ...{ calmMs: [300, 800], clientsPerMember: 2 },
    });
    const shortcomings = findShortcomings(result);
    if (shortcomings.length > 0) console.log(explainResult(result, seed));
    assert.deepEqual(shortcomings, []);
  });

  for (const names of together) {
    it(`finds that ${names.join(', and that ')}`, async () => {
      const all = names.map(findByName);
      const violations = await findMutation(get(), broken, combine(all), { seed, report });
      const found = new Set(violations.map(({ check }) => check));
      const missed = all.filter((mutation) => !isFound(mutation, found)).map(({ name }) => name);
      assert.deepEqual(missed, [], `found: ${[...found].join(', ') || 'nothing'}`);
    });
  }
});

function findByName(wanted: string): Mutation {
  const mutation = mutations.find(({ name }) => name === wanted);
  assert(mutation !== undefined, `there is no mutation "${wanted}"`);
  return mutation;
}

function combine(all: readonly Mutation[]): Mutation {
  return {
    name: all.map(({ name }) => name).join(', '),
    edits: all.flatMap(({ edits }) => edits),
    faults: all.flatMap(({ faults }) => faults),
    checks: all.flatMap(({ checks }) => checks),
  };
}
