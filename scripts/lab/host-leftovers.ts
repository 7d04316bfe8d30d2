import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { cgroupBaseOf, removeCgroups } from '../../src/hostagent/instance/lxc/lxc-cgroups.ts';
import { listNamespaces } from './host-network.ts';
import { onHostOf } from './member-process.ts';
import { endProcess, findProcessesIn, findProcessesOf } from './processes.ts';
import { tryCommand } from './run-command.ts';
import type { LabMember, LabSpec } from './spec.ts';

// Where the host agent keeps its containers, inside the data directory.
const instancesFolder = 'instances';

/** What a host does when it shuts down: its instances get a moment to stop, then they are ended. */
export async function stopInstances(member: LabMember): Promise<void> {
  const lxcPath = path.join(member.dataDirectory, instancesFolder);
  const containers = await readdir(lxcPath, { withFileTypes: true }).catch(() => []);
  await Promise.all(
    containers
      .filter((entry) => entry.isDirectory())
      .map((entry) => stopContainer(member, lxcPath, entry.name)),
  );
}

async function stopContainer(member: LabMember, lxcPath: string, name: string): Promise<void> {
  const [command, ...args] = onHostOf(member, ['lxc-stop', '-P', lxcPath, '-n', name, '-t', '3']);
  // A container that does not run is an error for lxc-stop and success for us.
  await tryCommand(command, args, { timeoutMs: 15_000 });
}

/**
 * Ends what members that were killed left running: container monitors, dnsmasq, helpers. Such a process
 * either names the lab's directory in its command line or lives in one of its namespaces.
 */
export async function removeHostLeftovers(spec: LabSpec, members: readonly LabMember[]): Promise<void> {
  const namespaces = (await listNamespaces()).filter((name) => name.startsWith(`muster-${spec.name}-`));
  const inside = await Promise.all(namespaces.map(findProcessesIn));
  const processes = [...(await findProcessesOf(spec.directory)), ...inside.flat()];
  await Promise.all(processes.map((identity) => endProcess(identity, 2_000)));
  for (const { dataDirectory } of members) {
    await removeCgroups(cgroupBaseOf(path.join(dataDirectory, instancesFolder)));
  }
  for (const mountPoint of await listMountsBelow(spec.directory))
    await tryCommand('umount', ['-l', mountPoint]);
}

/** Deepest first, so that they can be unmounted in order. */
async function listMountsBelow(directory: string): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mountPoint) => mountPoint.startsWith(`${directory}/`))
    .toSorted((a, b) => b.length - a.length);
}
