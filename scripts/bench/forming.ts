// What forming a cluster costs: `node scripts/bench/forming.ts [--rounds 5] [--out FILE]`. With the host agents' real
// drivers, from a program start to "Online" in the API.
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { encodeJoinToken } from '../../src/api/join-token.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createClusterApi } from '../../src/runtime/create-cluster-api.ts';
import { issueJoinToken } from '../../src/runtime/issue-join-token.ts';
import { readKubeconfig } from '../../src/runtime/kubeconfig.ts';
import { ensureHub, ensureMemberNetwork } from '../lab/host-network.ts';
import { createLab } from '../lab/lab.ts';
import { startFounding, startJoining } from '../lab/member-process.ts';
import type { LabMember } from '../lab/spec.ts';
import { waitUntilServing } from '../lab/wait-until-serving.ts';
import { readView } from './fifty/member-view.ts';
import { JsonClient } from './kit/json-client.ts';
import { formatMarkdownTable } from './kit/markdown-table.ts';

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, out: { type: 'string' } },
});
const limitMs = 60_000;
const lookEveryMs = 20;

const steps = [
  'first member: program start until its API is ready',
  'token for the 2nd member',
  '2nd member: `musterd join` until Online',
  'token for the 3rd member',
  '3rd member: `musterd join` until Online',
  'three voters, pools and networks everywhere: from nothing',
  'the same, 2nd and 3rd joining at once',
] as const;
type Step = (typeof steps)[number];

const lab = createLab({
  ...{ name: 'form', subnet: 63, directory: path.join(tmpdir(), 'muster-bench-form') },
});
const members = [lab.member(1), lab.member(2), lab.member(3)] as const;
const [first, second, third] = members;
const tookMs = new Map<Step, number[]>(steps.map((step) => [step, []]));

for (let round = 1; round <= Number(flags.rounds); round += 1) {
  await inFreshLab(formOneByOne);
  await inFreshLab(formAtOnce);
  console.log(
    `round ${round}: ${steps.map((step) => Math.round(tookMs.get(step)?.at(-1) ?? 0)).join(' · ')} ms`,
  );
}
const text = describe();
console.log(text);
if (flags.out !== undefined) await writeFile(flags.out, text);

async function inFreshLab(run: () => Promise<void>): Promise<void> {
  await lab.purge();
  try {
    await mkdir(lab.spec.directory, { recursive: true });
    await ensureHub(lab.spec);
    for (const member of members) await ensureMemberNetwork(lab.spec, member);
    await run();
  } finally {
    await lab.purge();
  }
}

async function formOneByOne(): Promise<void> {
  const startedMs = performance.now();
  await time(steps[0], found);
  const forSecond = await time(steps[1], () => tokenFor(second));
  await time(steps[2], () => join(second, forSecond, 2));
  const forThird = await time(steps[3], () => tokenFor(third));
  await time(steps[4], () => join(third, forThird, 3));
  await waitUntilComplete();
  tookMs.get(steps[5])?.push(performance.now() - startedMs);
}

async function formAtOnce(): Promise<void> {
  await time(steps[6], async () => {
    await found();
    await Promise.all([second, third].map(async (member) => startJoining(member, await tokenFor(member))));
    await waitUntilComplete();
  });
}

async function time<T>(step: Step, run: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const result = await run();
  tookMs.get(step)?.push(performance.now() - startedMs);
  return result;
}

async function found(): Promise<void> {
  await startFounding(first);
  await waitUntilServing(first);
}

async function tokenFor(member: LabMember): Promise<string> {
  const endpoint = readKubeconfig(path.join(first.dataDirectory, 'admin.kubeconfig'));
  const clusterApi = createClusterApi(endpoint);
  try {
    const deps = { clusterApi, caPem: endpoint.caPem, clock: systemClock };
    return encodeJoinToken(await issueJoinToken(deps, member.name, AbortSignal.timeout(limitMs)));
  } finally {
    await clusterApi.close();
  }
}

async function join(member: LabMember, token: string, online: number): Promise<void> {
  await startJoining(member, token);
  await waitFor(`${online} members to be online`, (view) => view.online.length === online);
}

function waitUntilComplete(): Promise<void> {
  return waitFor('three voters', ({ roles, furnished }) => roles.voters === 3 && furnished === 3);
}

type View = Awaited<ReturnType<typeof readView>>;

async function waitFor(what: string, isThere: (view: View) => boolean): Promise<void> {
  const admin = readKubeconfig(path.join(first.dataDirectory, 'admin.kubeconfig'));
  const client = new JsonClient({ ...admin, server: `https://${first.address}`, serverName: first.name });
  const untilMs = performance.now() + limitMs;
  try {
    while (!isThere(await readView(client))) {
      if (performance.now() > untilMs) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
      await delay(lookEveryMs);
    }
  } finally {
    client.close();
  }
}

function describe(): string {
  const inSeconds = (ms: number | undefined): string => ((ms ?? Number.NaN) / 1_000).toFixed(2);
  const rows = steps.map((step) => {
    const sorted = (tookMs.get(step) ?? []).toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    return [step, inSeconds(median), inSeconds(sorted[0]), inSeconds(sorted.at(-1))];
  });
  return [
    '# Forming a cluster',
    '',
    `Three members on one machine with two cores, each in a network namespace of its own, ${flags.rounds} rounds from empty`,
    'directories. A join is one command, `musterd join`, that goes on to run the member; starting the program is in it.',
    'Made by `node scripts/bench/forming.ts`.',
    '',
    formatMarkdownTable(['step', 'median s', 'least', 'most'], rows),
    '',
  ].join('\n');
}
