import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { createLab, type Lab } from '../../../scripts/lab/lab.ts';
import { findMember, type MemberRuntime } from '../../../scripts/lab/member-process.ts';
import {
  findProcessesIn,
  findProcessesOf,
  sendSignal,
  waitUntilGone,
} from '../../../scripts/lab/processes.ts';
import type { LabMember } from '../../../scripts/lab/spec.ts';
import { waitUntilServing } from '../../../scripts/lab/wait-until-serving.ts';
import { readKubeconfig } from '../../../src/runtime/kubeconfig.ts';
import { claimDirectory } from '../../support/claim-directory.ts';
import { eventually } from '../../support/eventually.ts';
import { assertNothingLeft } from '../../support/host-state.ts';
import { createLogReader } from '../../support/log-reader.ts';
import { createMemberClient, type MemberClient } from '../client/member-client.ts';
import { collection, namespace } from '../client/object-requests.ts';
import { createMemberClocks, type MemberClocks } from './member-clocks.ts';
import { findStoreProcesses } from './member-processes.ts';
import { createMemberDisks, type MemberDisks } from './member-disks.ts';
import { createMemberStalls, type MemberStalls } from './member-stalls.ts';
import { mutationVariable, type Mutation } from '../mutations/mutation.ts';

export interface FaultMember {
  readonly name: string;
  readonly lab: LabMember;
  readonly client: MemberClient;
}

/** Real members that can be hurt: each has a network, a disk and a clock of its own. */
export interface FaultCluster {
  readonly lab: Lab;
  readonly disks: MemberDisks;
  readonly clocks: MemberClocks;
  readonly stalls: MemberStalls;
  /** Members that belong to the cluster now, running or not. */
  readonly members: readonly FaultMember[];
  /** Makes one more member, which joins through another. */
  add(number: number, through: FaultMember): Promise<void>;
  /** Takes a member out that has left the database already, with its data. */
  forget(member: FaultMember): Promise<void>;
  /** kill -9 of musterd; answers when it is gone. */
  kill(member: FaultMember): Promise<void>;
  start(member: FaultMember): Promise<void>;
  /** Every member runs and has the state of the store. */
  waitUntilServing(timeoutMs: number): Promise<void>;
  /** Every member answers, agrees on a leader and takes writes. */
  waitUntilHealthy(timeoutMs: number): Promise<void>;
  printLogs(): Promise<void>;
  remove(): Promise<void>;
}

export interface FaultClusterOptions {
  /** At most 7 characters, different for each file of tests, as is the subnet. */
  readonly name: string;
  readonly subnet: number;
  readonly memberCount: number;
  /** What to break in the code of members that start from now on. */
  readonly mutation?: () => Mutation | undefined;
}

const preloads = ['mutations/preload.ts', 'cluster/stall.ts'].map((file) =>
  path.join(import.meta.dirname, '..', file),
);

/** Cleans up what a killed run left, then starts members and waits until they serve. */
export async function openFaultCluster(options: FaultClusterOptions): Promise<FaultCluster> {
  const { name, subnet, memberCount } = options;
  const claim = await claimDirectory(name);
  const { directory } = claim;
  const clocks = await createMemberClocks(path.join(directory, 'clocks'));
  const disks = createMemberDisks(path.join(directory, 'disks'));
  const stalls = createMemberStalls(path.join(directory, 'stalls'));
  const runtime = (member: LabMember): MemberRuntime => ({
    nodeArguments: preloads.flatMap((module) => ['--import', module]),
    environment: {
      ...clocks.environmentOf(member.name),
      ...stalls.environmentOf(member.name),
      [mutationVariable]: JSON.stringify(options.mutation?.() ?? null),
    },
  });
  const lab = createLab({ name, subnet, directory: path.join(directory, 'members'), runtime });
  const members: FaultMember[] = [];
  const logs = createLogReader();

  async function prepare(number: number): Promise<LabMember> {
    const member = lab.member(number);
    await disks.mount(member.name, member.dataDirectory);
    await clocks.set(member.name, 0);
    return member;
  }

  function connect(member: LabMember): void {
    const tls = readKubeconfig(path.join(lab.member(1).dataDirectory, 'admin.kubeconfig'));
    const { caPem, certPem = '', keyPem = '' } = tls;
    const client = createMemberClient(member.address, { caPem, certPem, keyPem });
    members.push({ name: member.name, lab: member, client });
  }

  async function wipe(): Promise<void> {
    await disks.thawAll(path.join(directory, 'members'));
    await resumeAll(directory);
    await lab.purge();
    await rm(directory, { recursive: true, force: true });
  }

  const cluster: FaultCluster = {
    ...{ lab, disks, clocks, stalls, members },
    async add(number, through) {
      const member = await prepare(number);
      await lab.add(member, through.lab);
      connect(member);
    },
    async forget(member) {
      members.splice(members.indexOf(member), 1);
      await killAll(member.lab);
      await disks.unmount(member.lab.dataDirectory);
      await rm(member.lab.dataDirectory, { recursive: true, force: true });
      await rm(member.lab.pidFile, { force: true });
      await member.client.close();
    },
    async kill(member) {
      const identity = await findMember(member.lab);
      if (identity === undefined) return;
      await sendSignal(identity, 'SIGKILL');
      await waitUntilGone(identity, 5_000);
    },
    start: (member) => lab.start(member.lab),
    async waitUntilServing(timeoutMs) {
      await Promise.all(members.map((member) => waitUntilServing(member.lab, timeoutMs)));
    },
    async waitUntilHealthy(timeoutMs) {
      const end = performance.now() + timeoutMs;
      const left = (): number => Math.max(1_000, end - performance.now());
      await cluster.waitUntilServing(left());
      for (const member of members) {
        await eventually(`write accepted by ${member.name}`, left(), () => writeOnce(member));
      }
    },
    async printLogs() {
      for (const { name: member, lab: one } of members) {
        console.log(`--- ${member}\n${await logs.read(one.logFile)}`);
      }
    },
    async remove() {
      await Promise.all(members.map(({ client }) => client.close()));
      const known = await lab.listMembers();
      await wipe();
      await assertNothingLeft(lab.spec, known);
      await claim.release();
    },
  };

  try {
    await wipe();
    await mkdir(lab.spec.directory, { recursive: true, mode: 0o755 });
    const numbers = Array.from({ length: memberCount }, (_, index) => index + 1);
    for (const number of numbers) await prepare(number);
    await lab.up(memberCount);
    for (const number of numbers) connect(lab.member(number));
    await createNamespace(members);
    await waitForVoters(members, Math.min(memberCount, 3));
    await cluster.waitUntilHealthy(60_000);
  } catch (error) {
    await cluster.printLogs();
    await cluster.remove();
    throw error;
  }
  return cluster;
}

/** A process that an earlier run stopped would not end for a signal. */
async function resumeAll(directory: string): Promise<void> {
  for (const identity of await findProcessesOf(directory)) await sendSignal(identity, 'SIGCONT');
}

async function killAll(member: LabMember): Promise<void> {
  const processes = [
    ...(await findStoreProcesses(member, 'both')),
    ...(await findProcessesIn(member.namespace)),
    ...(await findProcessesOf(member.dataDirectory)),
  ];
  for (const identity of processes) await sendSignal(identity, 'SIGKILL');
  for (const identity of processes) await waitUntilGone(identity, 5_000);
}

async function createNamespace([first]: readonly FaultMember[]): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await eventually('namespace', 30_000, async () => {
    const reply = await first?.client.send('POST', '/api/v1/namespaces', { body });
    if (reply?.kind !== 'answer' || (reply.code !== 201 && reply.code !== 409))
      throw new Error(JSON.stringify(reply));
  });
}

interface MemberStatus {
  readonly databaseRole?: string;
}

/** The first minutes of a cluster, while it has one voter, cannot bear any fault. */
async function waitForVoters([first]: readonly FaultMember[], count: number): Promise<void> {
  await eventually(`${count} voters`, 60_000, async () => {
    const reply = await first?.client.send('GET', '/apis/muster.dev/v1alpha1/members');
    const items = reply?.kind === 'answer' ? (reply.body.items ?? []) : [];
    const roles = items.map(({ status }) => (status as MemberStatus | undefined)?.databaseRole);
    assert.equal(roles.filter((role) => role === 'voter').length, count, roles.join(', '));
  });
}

/** A dry run would not reach the leader: the write is a real one, of an object outside of what is checked. */
async function writeOnce({ client, name }: FaultMember): Promise<void> {
  const place = collection.replace(namespace, 'default');
  const metadata = { name: `health-${name}`, namespace: 'default' };
  const data = { at: String(performance.now()) };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  const updated = await client.send('PUT', `${place}/health-${name}`, { body });
  if (updated.kind === 'answer' && updated.code === 200) return;
  const created = await client.send('POST', place, { body });
  if (created.kind === 'answer' && created.code === 201) return;
  throw new Error(JSON.stringify(created));
}
