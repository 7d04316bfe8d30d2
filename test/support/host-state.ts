import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { listNamespaces } from '../../scripts/lab/host-network.ts';
import { onHostOf } from '../../scripts/lab/member-process.ts';
import { findProcessesIn, findProcessesOf } from '../../scripts/lab/processes.ts';
import { runCommand, tryCommand } from '../../scripts/lab/run-command.ts';
import { describeHub, type LabMember, type LabSpec } from '../../scripts/lab/spec.ts';
import { eventually } from './eventually.ts';
import { cgroupBaseOf, listCgroupRoots } from '../../src/hostagent/instance/lxc/lxc-cgroups.ts';

/** All that instances can leave on a host, each sorted: equal before and after means that nothing stayed. */
export interface HostState {
  readonly processes: readonly string[];
  readonly links: readonly string[];
  readonly firewall: string;
  readonly mounts: readonly string[];
  readonly cgroups: readonly string[];
  readonly files: readonly string[];
}

/** What is there at rest: a file that is just being replaced, or a command that runs, is no part of it. */
export async function readHostState(member: LabMember): Promise<HostState> {
  let last = await lookAtHost(member);
  await eventually('host at rest', 10_000, async () => {
    const before = last;
    last = await lookAtHost(member);
    assert.deepEqual(last, before);
  });
  return last;
}

async function lookAtHost(member: LabMember): Promise<HostState> {
  const { dataDirectory } = member;
  const [processes, links, firewall, mounts, cgroups, files] = await Promise.all([
    listProcesses(member),
    listLinks(member),
    runOnHost(member, ['nft', 'list', 'ruleset']),
    listMounts(dataDirectory),
    listCgroups(dataDirectory),
    listFiles(dataDirectory),
  ]);
  return { processes, links, firewall, mounts, cgroups, files };
}

/** A while is allowed: the kernel takes interfaces away late, and a command that runs at the moment is one more process. */
export async function assertHostsAre(
  members: readonly LabMember[],
  want: readonly HostState[],
): Promise<void> {
  await eventually('hosts as they were before', 5_000, async () => {
    assert.deepEqual(await Promise.all(members.map(lookAtHost)), want);
  });
}

/** Fails when a lab that was removed has left anything on the machine. */
export async function assertNothingLeft(spec: LabSpec, members: readonly LabMember[]): Promise<void> {
  const hub = describeHub(spec);
  const commands = (await findProcessesOf(spec.directory)).map(({ pid }) => readCommand(pid));
  const links = await runCommand('ip', ['-o', 'link', 'show']);
  const routes = await runCommand('ip', ['route', 'show', 'exact', hub.subnet]);
  const cgroups = await Promise.all(members.map(({ dataDirectory }) => listCgroups(dataDirectory)));
  assert.deepEqual(
    {
      processes: (await Promise.all(commands)).filter((command) => command !== ''),
      namespaces: (await listNamespaces()).filter((name) => name.startsWith(`muster-${spec.name}-`)),
      links: links.split('\n').filter((line) => line.includes(` ${hub.hostLink}`)),
      routes,
      mounts: await listMounts(spec.directory),
      cgroups: cgroups.flat(),
      data: existsSync(spec.directory),
    },
    { processes: [], namespaces: [], links: [], routes: '', mounts: [], cgroups: [], data: false },
  );
}

async function listProcesses({ dataDirectory, namespace }: LabMember): Promise<string[]> {
  const found = [...(await findProcessesOf(dataDirectory)), ...(await findProcessesIn(namespace))];
  const pids = [...new Set(found.map(({ pid }) => pid))];
  const commands = await Promise.all(pids.map(readCommand));
  return commands.filter((command) => command !== '').toSorted();
}

async function readCommand(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ').trim();
}

async function listLinks(member: LabMember): Promise<string[]> {
  const links = JSON.parse(await runOnHost(member, ['ip', '-j', 'link'])) as { readonly ifname: string }[];
  return links.map(({ ifname }) => ifname).toSorted();
}

async function runOnHost(member: LabMember, command: readonly string[]): Promise<string> {
  const [program, ...args] = onHostOf(member, command);
  return runCommand(program, args, { timeoutMs: 10_000 });
}

async function listMounts(directory: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return mounts.filter((line) => line.includes(`${directory}/`)).toSorted();
}

/** Of this member's containers, in every hierarchy; empty when there is no cgroup of any. */
async function listCgroups(dataDirectory: string): Promise<string[]> {
  const base = cgroupBaseOf(path.join(dataDirectory, 'instances'));
  const places = (await listCgroupRoots())
    .map((root) => path.join(root, base))
    .filter((one) => existsSync(one));
  if (places.length === 0) return [];
  // A cgroup may go while it is being listed; find says so and goes on.
  const { stdout } = await tryCommand('find', [...places, '-type', 'd']);
  return stdout.split('\n').filter(Boolean).toSorted();
}

/** Below the data directory, without what the database and running sockets change all the time. */
async function listFiles(dataDirectory: string): Promise<string[]> {
  const files = await readdir(dataDirectory, { recursive: true });
  return files.filter((file) => !file.startsWith(`dqlite${path.sep}`)).toSorted();
}
