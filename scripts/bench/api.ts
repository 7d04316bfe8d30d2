// `npm run bench:api`: the Kubernetes API of a cluster of three members, as clients see it.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createNamespaces, fillInstances, type InstanceCall, removeCreated } from './api/instance-load.ts';
import { type CallFigures, leaderTarget, measureCalls } from './api/measure-calls.ts';
import { measureFanOut } from './api/measure-fan-out.ts';
import { type KubectlFigures, measureKubectl } from './api/measure-kubectl.ts';
import { type MemoryFigures, writeApiReport } from './api/write-report.ts';
import { startBenchCluster } from './kit/bench-cluster.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const full = { objects: 10_000, clients: [1, 16, 64], times: { durationMs: 4_000, warmUpMs: 500 } };
const quick = { objects: 2_000, clients: [1, 64], times: { durationMs: 1_500, warmUpMs: 500 } };
const plan = flags.quick ? quick : full;
const { times } = plan;
/** Writes: what only reads leaves nothing behind. */
const operationsWanted = flags.quick ? 10_000 : 100_000;
/** What Muster aims at, as the report names it. */
const wanted = {
  list: 'p50 at most 15 ms',
  page: 'p99 below 50 ms',
  create: 'at least 1,000/s',
  few: 'at most 500 ms',
  all: 'below 2,000 ms',
  memory: 'below 600 MB',
};
const idleLimitSeconds = 45;
/** A member collects its heap when it has been at rest for ten seconds. */
const restMs = 30_000;
const fewObjects = 500;
const report = (line: string): void => console.log(line);
const reads = new Set<InstanceCall>(['get', 'list', 'table']);
const changes: readonly InstanceCall[] = ['get', 'create', 'create-plain', 'update', 'patch', 'apply'];

if (process.getuid?.() !== 0) throw new Error('network namespaces need root: sudo npm run bench:api');
await using muster = await startBenchCluster({ name: 'bapi', subnet: 93, members: 3, report });
await createNamespaces(await leaderTarget(muster));
const done = { operations: 0 };
const memory: MemoryFigures[] = [await readMemory('empty')];

report(`writing ${fewObjects} Instances with a full status`);
await fillInstances(await leaderTarget(muster), 'few', fewObjects);
await waitUntilIdle();
const fewLists = [
  await measure({
    ...{ what: `list of ${fewObjects}, no others`, wanted: wanted.list },
    ...{ call: 'list', clients: 1, run: 'lists' },
  }),
];
const fewCommands = [await measureCommand('get instances -A', `${fewObjects} Instances`, wanted.few)];

report(`writing ${plan.objects - fewObjects} more`);
await fillInstances(await leaderTarget(muster), 'fill', plan.objects - fewObjects);
done.operations += 2 * plan.objects;
await waitUntilIdle();
memory.push(await readMemory(`${formatCount(plan.objects)} Instances`, wanted.memory));

const lists = [...fewLists, ...(await measureLists())];
const kubectl = [
  ...fewCommands,
  await measureCommand('get instances -A', `${formatCount(plan.objects)} Instances`, wanted.all),
  await measureCommand('get instances -A -o name', `${formatCount(plan.objects)} Instances`),
];

const calls: CallFigures[] = [];
for (const call of changes) {
  // The controllers go on after what was created before; what is measured next is not to wait for them.
  await waitUntilIdle();
  for (const clients of plan.clients) {
    calls.push(
      await measure({
        what: call === 'create-plain' ? 'create a ConfigMap' : call,
        ...(call.startsWith('create') && clients === 64 ? { wanted: wanted.create } : {}),
        ...{ call, clients, run: `${call}-${clients}` },
      }),
    );
  }
}
memory.push(await readMemory('under load'));
const fanOut = [];
for (const watchers of [1, 100]) fanOut.push(await measureFanOut(muster, watchers, times.durationMs));

while (done.operations < operationsWanted) {
  await measure({ what: 'patch', call: 'patch', clients: 64, run: 'wear', from: done.operations });
}
report('removing what was created meanwhile');
await removeCreated(await leaderTarget(muster));
await waitUntilIdle();
memory.push(await readMemory(`after ${formatCount(done.operations)} writes, at once`));
await delay(restMs);
memory.push(await readMemory('half a minute later', wanted.memory));
kubectl.push(
  await measureCommand('get instances -A', `after ${formatCount(done.operations)} writes`, wanted.all),
);
const later = [
  ...(await measureLists()),
  await measure({ what: 'create', wanted: wanted.create, call: 'create', clients: 64, run: 'later' }),
  await measure({ what: 'patch', call: 'patch', clients: 64, run: 'later', from: done.operations }),
  await measure({ what: 'get', call: 'get', clients: 64, run: 'later' }),
];
memory.push(await readMemory('with what was created since'));
const figures = { calls, lists, later, kubectl, fanOut, memory, operations: done.operations };
report(`wrote ${await writeApiReport(figures, flags.quick ? 'api-quick' : 'api')}`);

async function measureCommand(command: string, when: string, aim = ''): Promise<KubectlFigures> {
  const figures = { ...(await measureKubectl(muster, command, aim === '' ? 2 : 5)), when, wanted: aim };
  report(`kubectl ${command}, ${when}: ${figures.medianMs.toFixed(0)} ms`);
  return figures;
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

async function measure(one: Parameters<typeof measureCalls>[1]): Promise<CallFigures> {
  const result = await measureCalls(muster, one, times);
  if (!reads.has(one.call)) done.operations += Math.round((result.perSecond * times.durationMs) / 1_000);
  const { what, clients, perSecond, latency, failures, firstFailure } = result;
  const speed = `${perSecond.toFixed(0)}/s, p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms`;
  report(
    `${what}, ${clients} clients: ${speed}${failures === 0 ? '' : `, ${failures} failed: ${firstFailure}`}`,
  );
  return result;
}

async function measureLists(): Promise<CallFigures[]> {
  const run = 'lists';
  return [
    await measure({ what: 'list of 500', wanted: wanted.page, call: 'list', limit: 500, clients: 1, run }),
    await measure({ what: 'table of 500', wanted: wanted.page, call: 'table', limit: 500, clients: 1, run }),
    await measure({ what: `list of ${plan.objects}`, call: 'list', limit: plan.objects, clients: 1, run }),
    await measure({ what: `table of ${plan.objects}`, call: 'table', limit: plan.objects, clients: 1, run }),
  ];
}

/** The controllers go on after the last write; what they cost is not what a list costs. */
async function waitUntilIdle(): Promise<void> {
  for (let seconds = 0; seconds < idleLimitSeconds; seconds += 1) {
    const before = await readMemory('');
    await delay(1_000);
    const after = await readMemory('');
    const used = after.cpuSeconds.map((one, index) => one - (before.cpuSeconds[index] ?? 0));
    if (Math.max(...used) < 0.25) return;
  }
  report(`the members are still busy after ${idleLimitSeconds} s`);
}

async function readMemory(when: string, aim = ''): Promise<MemoryFigures> {
  const usages = await Promise.all(muster.members.map((member) => muster.usage(member)));
  return {
    ...{ when, wanted: aim },
    rssBytes: usages.map(({ rssBytes }) => rssBytes),
    cpuSeconds: usages.map(({ cpuSeconds }) => cpuSeconds),
  };
}
