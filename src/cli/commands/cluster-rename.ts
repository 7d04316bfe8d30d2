import { setTimeout as sleep } from 'node:timers/promises';
import { isApiError } from '../../api/api-error.ts';
import { findCondition, isTrue } from '../../api/conditions.ts';
import type { Member } from '../../api/generated/member.ts';
import { members } from '../../api/generated/resources.ts';
import { renameAnnotation } from '../../api/names.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { withCluster, type ClusterConnection } from '../cluster-connection.ts';
import { getMember } from '../member-access.ts';
import type { GlobalFlags } from '../program/flags.ts';
import { UsageError } from '../usage-error.ts';

const renamedMs = 60_000;
const lookEveryMs = 200;
const fieldManager = 'muster';

/** Waits until the member is back under its new name; its instances run on meanwhile. */
export async function renameMember(from: string, to: string, flags: GlobalFlags): Promise<void> {
  const problem = findNameProblem(to);
  if (problem !== undefined) throw new UsageError(problem);
  await withCluster(
    flags.kubeconfig,
    async (connection) => {
      const { clusterApi, signal } = connection;
      const member = await getMember(clusterApi, from, signal);
      if ((await clusterApi.get(members, { name: to }, signal)) !== undefined) {
        throw new UsageError(`a member named "${to}" exists already`);
      }
      if (!isTrue(member.status, 'Online')) {
        throw new UsageError(
          `member ${from} is offline: a member renames itself, so that it has to run for that`,
        );
      }
      const { resourceVersion } = member.metadata;
      const metadata = { resourceVersion, annotations: { [renameAnnotation]: to } };
      await clusterApi.mergePatch(members, { name: from }, { metadata }, { fieldManager }, signal);
      await waitUntilRenamed(connection, { from, to });
      console.error(`Member ${from} renamed to ${to}`);
    },
    renamedMs + lookEveryMs,
  );
}

async function waitUntilRenamed(
  connection: ClusterConnection,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  const endMs = performance.now() + renamedMs;
  for (let seen = 'nothing was heard of it'; ;) {
    try {
      const { before, after } = await look(connection, { from, to });
      if (isBack(after)) return;
      seen = after === undefined ? 'it has not taken the name yet' : 'it is not back yet';
      const refusal = findRefusal(before);
      if (refusal !== undefined) throw new Error(refusal);
    } catch (error) {
      // The member that is asked may be the one that starts again.
      if (!isApiError(error)) throw error;
      seen = error.message;
    }
    if (performance.now() > endMs) {
      throw new Error(`member ${from} was not seen as ${to} within ${renamedMs / 1_000} s: ${seen}`);
    }
    await sleep(lookEveryMs);
  }
}

async function look(
  { clusterApi, signal }: ClusterConnection,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly before: Member | undefined; readonly after: Member | undefined }> {
  const after = await clusterApi.get(members, { name: to }, signal);
  const before = after === undefined ? await clusterApi.get(members, { name: from }, signal) : undefined;
  return { before, after };
}

function isBack(member: Member | undefined): boolean {
  return isTrue(member?.status, 'Renamed') && isTrue(member?.status, 'Online');
}

/** A wish that was refused is taken away. */
function findRefusal(member: Member | undefined): string | undefined {
  if (member?.metadata.annotations?.[renameAnnotation] !== undefined) return undefined;
  const { status, message } = findCondition(member?.status, 'Renamed') ?? {};
  return status === 'False' ? message : undefined;
}
