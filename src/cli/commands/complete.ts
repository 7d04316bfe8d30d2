import type { Command } from 'commander';
import { clusterGroups, members } from '../../api/generated/resources.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { findCandidates } from '../completion/candidates.ts';
import type { GlobalFlags } from '../program/flags.ts';

// The shell waits for this with every press of the tab key.
const patienceMs = 2_000;

/** One candidate a line, then a tab and what it is; nothing at all when the cluster cannot be asked. */
export async function printCandidates(
  program: Command,
  words: readonly string[],
  flags: GlobalFlags,
): Promise<void> {
  const { words: known, argument } = findCandidates(program, words);
  for (const { word, help } of known) console.log(`${word}\t${help}`);
  const typed = words.at(-1) ?? '';
  const names = await findNames(argument, flags).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(typed))) console.log(`${name}\t${argument ?? ''}`);
}

async function findNames(argument: string | undefined, flags: GlobalFlags): Promise<readonly string[]> {
  if (argument === 'shell') return ['bash', 'fish', 'zsh'];
  if (argument !== 'member' && argument !== 'group') return [];
  return withCluster(flags.kubeconfig, (connection) => listNames(connection, argument), patienceMs);
}

async function listNames(
  { clusterApi, signal }: ClusterConnection,
  argument: 'group' | 'member',
): Promise<readonly string[]> {
  const options = { resourceVersion: '0' };
  const { items } =
    argument === 'member'
      ? await clusterApi.list(members, options, signal)
      : await clusterApi.list(clusterGroups, options, signal);
  return items.map(({ metadata }) => metadata.name);
}
