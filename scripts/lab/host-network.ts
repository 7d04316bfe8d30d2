import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runCommand, tryCommand } from './run-command.ts';
import { describeHub, type LabMember, type LabSpec } from './spec.ts';

// Larger than any metric in use: the route counts only when the real link is gone.
const lastResortMetric = '4294967295';

/**
 * The wire between the members: a bridge in a namespace of its own (so that no firewall rule of the
 * machine applies to it), and one link from the machine to it. No namespace has a route out.
 */
export async function ensureHub(spec: LabSpec): Promise<void> {
  const hub = describeHub(spec);
  if (await namespaceExists(hub.namespace)) {
    await refuseOthersLab(spec);
    return;
  }
  await mkdir(ownersDirectory, { recursive: true });
  await writeFile(ownerFileOf(spec), spec.directory);
  await runCommand('ip', ['netns', 'add', hub.namespace]);
  await runIpCommands([
    `-n ${hub.namespace} link set lo up`,
    `-n ${hub.namespace} link add ${hub.bridge} type bridge stp_state 0 forward_delay 0`,
    `-n ${hub.namespace} link set ${hub.bridge} up`,
    // When the lab is down, a request to one of its addresses must fail here, not leave the machine.
    `route replace unreachable ${hub.subnet} metric ${lastResortMetric}`,
    `link add ${hub.hostLink} type veth peer name host netns ${hub.namespace}`,
    `-n ${hub.namespace} link set host master ${hub.bridge} up`,
    `addr add ${hub.hostAddress} dev ${hub.hostLink}`,
    `link set ${hub.hostLink} up`,
  ]);
}

// Names of namespaces and links are the machine's: two checkouts cannot have the same lab at one time.
const ownersDirectory = '/run/muster-labs';

function ownerFileOf(spec: LabSpec): string {
  return path.join(ownersDirectory, spec.name);
}

async function refuseOthersLab(spec: LabSpec): Promise<void> {
  const owner = await readFile(ownerFileOf(spec), 'utf8').catch(() => spec.directory);
  if (owner !== spec.directory) {
    throw new Error(
      `the test hosts "${spec.name}" of ${owner} are up on this machine; stop them there first`,
    );
  }
}

export async function ensureMemberNetwork(spec: LabSpec, member: LabMember): Promise<void> {
  if (await namespaceExists(member.namespace)) return;
  const hub = describeHub(spec);
  await runCommand('ip', ['netns', 'add', member.namespace]);
  await runIpCommands([
    `-n ${member.namespace} link set lo up`,
    `-n ${member.namespace} link add eth0 type veth peer name ${member.name} netns ${hub.namespace}`,
    `-n ${hub.namespace} link set ${member.name} master ${hub.bridge} up`,
    `-n ${member.namespace} addr add ${member.ipAddress}/24 dev eth0`,
    `-n ${member.namespace} link set eth0 up`,
  ]);
}

/** Removes every namespace and link of the lab; what is not there is no error. */
export async function removeNetworks(spec: LabSpec, options: { readonly keepGuard: boolean }): Promise<void> {
  const hub = describeHub(spec);
  await refuseOthersLab(spec);
  await rm(ownerFileOf(spec), { force: true });
  const prefix = `muster-${spec.name}-`;
  for (const namespace of await listNamespaces()) {
    if (namespace.startsWith(prefix)) await tryCommand('ip', ['netns', 'delete', namespace]);
  }
  await tryCommand('ip', ['link', 'delete', hub.hostLink]);
  if (!options.keepGuard) {
    await tryCommand('ip', ['route', 'delete', 'unreachable', hub.subnet, 'metric', lastResortMetric]);
  }
}

export async function listNamespaces(): Promise<string[]> {
  const { stdout } = await tryCommand('ip', ['netns', 'list']);
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '');
}

async function namespaceExists(namespace: string): Promise<boolean> {
  return (await listNamespaces()).includes(namespace);
}

async function runIpCommands(lines: readonly string[]): Promise<void> {
  for (const line of lines) await runCommand('ip', line.split(' '));
}
