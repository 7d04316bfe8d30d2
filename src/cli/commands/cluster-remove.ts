import { setTimeout as sleep } from 'node:timers/promises';
import { findCondition } from '../../api/conditions.ts';
import type { Image } from '../../api/generated/image.ts';
import { images, instances, members } from '../../api/generated/resources.ts';
import { forceRemovalAnnotation } from '../../api/names.ts';
import { keyOf } from '../../api/resource.ts';
import { confirm } from '../ask.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { getMember } from '../member-access.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

interface RemoveFlags extends GlobalFlags {
  readonly force?: boolean;
  readonly yes?: boolean;
}

const lookEveryMs = 300;

/** Refuses while something would be lost, and lists it; with force, says what is lost and asks. */
export async function removeMember(name: string, flags: RemoveFlags): Promise<void> {
  const { force = false, yes = false } = flags;
  await withCluster(flags.kubeconfig, async (connection) => {
    const { clusterApi, signal } = connection;
    await getMember(clusterApi, name, signal);
    const losses = await findLosses(connection, name);
    if (!force && losses.length > 0) {
      throw new UsageError(
        `member "${name}" still has ${losses.join('; ')}. Move or delete them first, or pass --force to lose them`,
      );
    }
    if (force) {
      const lost = losses.length === 0 ? 'nothing that only it has' : losses.join('; ');
      console.error(
        `Forced removal of ${name}: this loses ${lost}. Its host keeps what it has until "musterd reset --yes" there.`,
      );
      if (!yes && !(await confirm(`Are you really sure you want to force removing ${name}?`, '--yes'))) {
        throw new UsageError('nothing was removed');
      }
      const patch = { metadata: { annotations: { [forceRemovalAnnotation]: 'true' } } };
      await clusterApi.mergePatch(members, { name }, patch, {}, signal);
    }
    await clusterApi.delete(members, { name }, {}, signal);
    await waitUntilGone(connection, name);
    console.error(`Member ${name} removed`);
    if (!force) console.error(`Its host makes itself clean, and can join again with a new token.`);
  });
}

async function findLosses({ clusterApi, signal }: ClusterConnection, name: string): Promise<string[]> {
  const placed = await clusterApi.list(instances, { fieldSelector: `status.member=${name}` }, signal);
  const stored = await clusterApi.list(images, {}, signal);
  return [
    ...describe('the instances', placed.items.map(keyOf)),
    ...describe('the only copies of the images', stored.items.filter(isOnlyOn(name)).map(keyOf)),
  ];
}

function describe(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what} ${names.join(', ')}`];
}

function isOnlyOn(member: string) {
  return ({ status }: Image): boolean => {
    const holders = (status?.members ?? []).filter(({ state }) => state === 'Ready');
    return holders.length === 1 && holders[0]?.name === member;
  };
}

async function waitUntilGone({ clusterApi, signal }: ClusterConnection, name: string): Promise<void> {
  const told = new Set<string>();
  for (;;) {
    const member = await clusterApi.get(members, { name }, signal);
    if (member === undefined) return;
    const message = findCondition(member.status, 'Removed')?.message;
    if (message !== undefined && !told.has(message)) console.error(`Waiting: ${message}`);
    if (message !== undefined) told.add(message);
    await sleep(lookEveryMs, undefined, { signal });
  }
}
