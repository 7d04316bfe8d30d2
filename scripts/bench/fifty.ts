// Fifty members on this machine: `node scripts/bench/fifty.ts [--members 50] [--kill ROLE,…] [--out FILE]`. They join
// at once, then one of each database role is killed. Their host agents have the `sim` drivers; everything else is real.
import { cp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { encodeJoinToken } from '../../src/api/join-token.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { ApiEndpoint } from '../../src/runtime/api-connection.ts';
import { createClusterApi } from '../../src/runtime/create-cluster-api.ts';
import { issueJoinToken } from '../../src/runtime/issue-join-token.ts';
import { readKubeconfig } from '../../src/runtime/kubeconfig.ts';
import { ensureMemberNetwork } from '../lab/host-network.ts';
import { createLab } from '../lab/lab.ts';
import { findMember, startJoining } from '../lab/member-process.ts';
import { sendSignal, waitUntilGone } from '../lab/processes.ts';
import type { LabMember } from '../lab/spec.ts';
import { keepAsking, type Answers } from './fifty/keep-asking.ts';
import { readView, waitForView, type Roles } from './fifty/member-view.ts';
import { JsonClient } from './kit/json-client.ts';
import { formatFigure, formatMarkdownTable } from './kit/markdown-table.ts';
import { findFamily, sampleProcesses, type ProcessUsage } from './kit/sample-processes.ts';

const { values: flags } = parseArgs({
  options: {
    members: { type: 'string', default: '50' },
    kill: { type: 'string', default: 'spare,stand-by,voter,leader' },
    out: { type: 'string' },
  },
});
const count = Number(flags.members);
const joinLimitMs = 300_000;
const rolesLimitMs = 120_000;
const calmMs = 10_000;
const drivers = ['--drivers', 'sim'];
// What a member answers by itself, and what it asks the leader for.
const ownAnswer = '/apis/muster.dev/v1alpha1/clusters/cluster?resourceVersion=0';
const leadersAnswer = '/apis/muster.dev/v1alpha1/clusters/cluster';

const lab = createLab({
  ...{ name: 'fifty', subnet: 61, directory: path.join(tmpdir(), 'muster-bench-fifty') },
  runArguments: () => drivers,
});
const members = Array.from({ length: count }, (_, index) => lab.member(index + 1));

const logFolder = path.join(tmpdir(), 'muster-bench-fifty-logs');
const wantedRoles: Roles = { voters: 3, standbys: 2, spares: count - 5 };

await lab.purge();
try {
  const text = await prove();
  console.log(text);
  if (flags.out !== undefined) await writeFile(flags.out, text);
} finally {
  for (const { name, logFile } of members)
    await cp(logFile, path.join(logFolder, `${name}.log`)).catch(() => undefined);
  console.log(`the members' logs are in ${logFolder}`);
  await lab.purge();
}

async function prove(): Promise<string> {
  await lab.up(1);
  const [first, ...joining] = members;
  if (first === undefined) throw new Error('no members');
  for (const member of joining) await ensureMemberNetwork(lab.spec, member);
  const client = new JsonClient(endpointOf(first));
  console.log(`${first.name} serves; ${joining.length} members join at once`);
  const startedMs = performance.now();
  await Promise.all([letJoin(first, joining), reportProgress(client, startedMs)]);
  const joinedMs = performance.now() - startedMs;
  const furnishedMs = joinedMs + (await waitForView(client, 'furnished', joinLimitMs, isFurnished));
  console.log(`joined after ${inSeconds(joinedMs)}, pools and networks after ${inSeconds(furnishedMs)}`);
  client.close();

  await delay(calmMs);
  const before = await measure();
  const calm = await whileAsking(members, () => delay(calmMs));
  const usage = await measure();
  const kills: Kill[] = [];
  for (const role of flags.kill.split(',')) kills.push(await killOne(role));
  return describe({ joinedMs, furnishedMs, before, usage, calm, kills });
}

async function letJoin(first: LabMember, joining: readonly LabMember[]): Promise<void> {
  const endpoint = endpointOf(first);
  const clusterApi = createClusterApi(endpoint);
  try {
    const deps = { clusterApi, caPem: endpoint.caPem, clock: systemClock };
    await Promise.all(
      joining.map(async (member) => {
        const token = await issueJoinToken(deps, member.name, AbortSignal.timeout(joinLimitMs));
        await startJoining(member, encodeJoinToken(token), drivers);
      }),
    );
    console.log('every token is issued, every process started');
  } finally {
    await clusterApi.close();
  }
}

async function reportProgress(client: JsonClient, startedMs: number): Promise<void> {
  const told = { online: 0 };
  await waitForView(client, 'joined', joinLimitMs, ({ online, roles }) => {
    if (online.length >= told.online + 5 || (online.length === count && told.online !== count)) {
      told.online = online.length;
      console.log(
        `${inSeconds(performance.now() - startedMs)}: ${online.length} online, ${JSON.stringify(roles)}`,
      );
    }
    return online.length === count && isRight(roles, wantedRoles);
  });
}

function isFurnished({ furnished }: { readonly furnished: number }): boolean {
  return furnished === count;
}

function isRight(roles: Roles, wanted: Roles): boolean {
  return JSON.stringify(roles) === JSON.stringify(wanted);
}

interface Kill {
  readonly role: string;
  readonly member: string;
  /** Until the others have three voters and two stand-bys again. */
  readonly healedMs: number;
  /** Until the killed one, started again, is online and the roles are right. */
  readonly returnedMs: number;
  readonly asked: Asked;
}

interface Asked {
  readonly own: readonly Answers[];
  readonly leaders: readonly Answers[];
}

async function killOne(role: string): Promise<Kill> {
  const victim = await findHolder(role);
  const others = members.filter(({ name }) => name !== victim.name);
  const [witness] = others;
  if (witness === undefined) throw new Error('nobody else is there');
  const client = new JsonClient(endpointOf(witness));
  console.log(`killing ${victim.name}, a ${role}`);
  let healedMs = 0;
  let returnedMs = 0;
  const asked = await whileAsking(others, async () => {
    await delay(2_000);
    await kill(victim);
    const left = { ...wantedRoles, spares: wantedRoles.spares - 1 };
    healedMs = await waitForView(
      client,
      'healed',
      rolesLimitMs,
      ({ online, roles }) => online.length === count - 1 && isRight(roles, left),
    );
    console.log(`healed after ${inSeconds(healedMs)}`);
    await lab.start(victim);
    returnedMs = await waitForView(
      client,
      'whole again',
      rolesLimitMs,
      ({ online, roles }) => online.length === count && isRight(roles, wantedRoles),
    );
    console.log(`whole again after ${inSeconds(returnedMs)}`);
  });
  client.close();
  console.log(
    `longest silence: ${describeSilence(asked.own)}; asking the leader: ${describeSilence(asked.leaders)}`,
  );
  return { role, member: victim.name, healedMs, returnedMs, asked };
}

async function findHolder(role: string): Promise<LabMember> {
  const [first] = members;
  if (first === undefined) throw new Error('no members');
  const client = new JsonClient(endpointOf(first));
  try {
    const { online } = await readView(client);
    const holder = online.find(({ status }) => {
      const isLeader = status?.roles?.includes('database-leader') === true;
      return role === 'leader' ? isLeader : status?.databaseRole === role && !isLeader;
    });
    const found = members.find(({ name }) => name === holder?.metadata.name);
    if (found === undefined) throw new Error(`no member is a ${role}`);
    return found;
  } finally {
    client.close();
  }
}

async function kill(member: LabMember): Promise<void> {
  const identity = await findMember(member);
  if (identity === undefined) throw new Error(`${member.name} does not run`);
  await sendSignal(identity, 'SIGKILL');
  await waitUntilGone(identity, 10_000);
}

async function whileAsking(asked: readonly LabMember[], act: () => Promise<void>): Promise<Asked> {
  const over = new AbortController();
  const asking = Promise.all([
    keepAsking(asked, endpointOf, ownAnswer, over.signal),
    keepAsking(asked, endpointOf, leadersAnswer, over.signal),
  ]);
  try {
    await act();
  } finally {
    over.abort();
  }
  const [own, leaders] = await asking;
  return { own, leaders };
}

function endpointOf({ address, name }: LabMember): ApiEndpoint {
  const admin = readKubeconfig(path.join(lab.member(1).dataDirectory, 'admin.kubeconfig'));
  return { ...admin, server: `https://${address}`, serverName: name };
}

interface Measured {
  readonly atMs: number;
  readonly usages: readonly ProcessUsage[];
}

async function measure(): Promise<Measured> {
  const usages = await Promise.all(
    members.map(async (member) => {
      const identity = await findMember(member);
      if (identity === undefined) throw new Error(`${member.name} does not run`);
      return sampleProcesses(await findFamily(identity.pid));
    }),
  );
  return { atMs: performance.now(), usages };
}

function longest(answers: readonly Answers[]): Answers | undefined {
  return answers.toSorted((a, b) => b.longestSilenceMs - a.longestSilenceMs)[0];
}

function describeSilence(answers: readonly Answers[]): string {
  const one = longest(answers);
  const failed = answers.reduce((sum, answer) => sum + answer.failed, 0);
  return `${formatFigure(one?.longestSilenceMs ?? Number.NaN)} ms (${one?.member.name ?? ''}), ${failed} of ${answers.reduce((sum, answer) => sum + answer.asked, 0)} requests failed`;
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

interface Proof {
  readonly joinedMs: number;
  readonly furnishedMs: number;
  readonly before: Measured;
  readonly usage: Measured;
  readonly calm: Asked;
  readonly kills: readonly Kill[];
}

function describe({ joinedMs, furnishedMs, before, usage, calm, kills }: Proof): string {
  const total = (pick: (usage: ProcessUsage) => number, { usages }: Measured): number =>
    usages.reduce((sum, one) => sum + pick(one), 0);
  const cpuSeconds = total((one) => one.cpuSeconds, usage) - total((one) => one.cpuSeconds, before);
  const cores = cpuSeconds / ((usage.atMs - before.atMs) / 1_000);
  const pssMb = total((one) => one.pssBytes, usage) / 1e6;
  const row = (name: string, { own, leaders }: Asked, healed: string, back: string): string[] => {
    const failed = (answers: readonly Answers[]): number =>
      answers.reduce((sum, answer) => sum + answer.failed, 0);
    const sum = (answers: readonly Answers[]): number => answers.reduce((all, { asked }) => all + asked, 0);
    return [
      ...[name, healed, back, formatFigure(longest(own)?.longestSilenceMs ?? Number.NaN)],
      ...[`${failed(own)} of ${formatFigure(sum(own))}`],
      formatFigure(longest(leaders)?.longestSilenceMs ?? Number.NaN),
      `${failed(leaders)} of ${formatFigure(sum(leaders))}`,
    ];
  };
  const header = [
    ...['killed (`kill -9`)', 'roles right again', 'whole again after its start'],
    ...['longest silence, ms', 'failed', 'same through the leader, ms', 'failed'],
  ];
  const table = formatMarkdownTable(header, [
    row('nobody', calm, '–', '–'),
    ...kills.map(({ role, asked, healedMs, returnedMs }) =>
      row(`a ${role}`, asked, inSeconds(healedMs), inSeconds(returnedMs)),
    ),
  ]);
  return [
    `# ${count === 50 ? 'Fifty' : count} members`,
    '',
    `${count} members on one machine with two cores, each in a network namespace of its own, with real consensus and the`,
    '`sim` drivers. Made by `node scripts/bench/fifty.ts`.',
    '',
    `- ${count - 1} members join at once: all are online, with 3 voters, 2 stand-bys and ${count - 5} spares, after`,
    `  **${inSeconds(joinedMs)}**; the default pool and network are there on all of them after ${inSeconds(furnishedMs)}.`,
    `- Together they use ${formatFigure(pssMb)} MB of memory (${formatFigure(pssMb / count)} MB a member) and, while each answers four requests a second,`,
    `  ${formatFigure(cores)} cores.`,
    '',
    'Then one of each role is killed. Each of the others is asked twice a second for what it knows by itself, and twice',
    'for what it has to ask the leader for; a silence is the longest time without an answer.',
    '',
    table,
    '',
  ].join('\n');
}
