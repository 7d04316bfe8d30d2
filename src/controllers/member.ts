import { isTrue } from '../api/conditions.ts';
import type { Image } from '../api/generated/image.ts';
import type { Member } from '../api/generated/member.ts';
import { instances as instanceResource, members as resource } from '../api/generated/resources.ts';
import { clusterName } from '../api/names.ts';
import { keyOf, parseKey } from '../api/resource.ts';
import { isDeleting } from '../reconcilers/finalizers.ts';
import { databaseRole, type DatabaseRoleDeps } from '../reconcilers/member/database-role.ts';
import { instanceCount, type InstanceCountDeps } from '../reconcilers/member/instance-count.ts';
import { joined, type JoinedDeps } from '../reconcilers/member/joined.ts';
import { online, type OnlineDeps } from '../reconcilers/member/online.ts';
import {
  memberFinalizerStep,
  removal,
  type MemberFinalizerDeps,
  type RemovalDeps,
} from '../reconcilers/member/removal.ts';
import { periodicKeys, relatedKeys } from '../runtime/key-stream.ts';
import { createController, type Controller, type ControllerTools } from './controller.ts';
import type { DatabaseControl } from './views/database-view.ts';
import { isReferenceChange, onChange } from './views/wakers.ts';
import type { World } from './views/world.ts';

type MemberDeps = DatabaseRoleDeps &
  InstanceCountDeps &
  JoinedDeps &
  MemberFinalizerDeps &
  OnlineDeps &
  RemovalDeps;

export interface MemberControl extends Pick<DatabaseControl, 'remove'> {
  readonly offerJoinToken: JoinedDeps['offerToken'];
}

// A look costs a copy of the object, and writes only what changed.
const lookEveryMs = 2_000;
const settledLookEveryMs = 30_000;
// Silence has no event. To compare what is in memory costs next to nothing, but that the process wakes for it; who has
// just come, or got a role, is waited for by somebody.
const compareEveryMs = 1_000;
const promptCompareEveryMs = 200;
const recentMs = 30_000;

export function createMemberController(
  { informers, database, settings }: World,
  control: MemberControl,
  tools: ControllerTools,
): Controller {
  const { clusters, members, instances, images } = informers;
  const { clock } = tools;
  const deps: MemberDeps = {
    nowMs: () => clock.now(),
    offlineThresholdMs: () => settings().offlineThresholdSeconds * 1_000,
    silenceOf: database.silenceOf,
    clusterLevel: () => clusters.get(clusterName)?.status?.featureLevel,
    nodeOf: database.nodeOf,
    countInstances: (member) => instances.list().filter(({ status }) => status?.member === member).length,
    offerToken: control.offerJoinToken,
    isInDatabase: (member) => database.nodes()?.some(({ name }) => name === member),
    instancesOn: (member) =>
      instances
        .list()
        .filter(({ status }) => status?.member === member)
        .map(keyOf),
    imagesOnlyOn: (member) => images.list().filter(isOnlyOn(member)).map(keyOf),
    countMembers: () => members.list().length,
    removeFromDatabase: async (member, isForced, signal) => {
      const isMember = database.nodes()?.some(({ name }) => name === member) ?? true;
      if (isMember) await control.remove(member, signal, { isForced });
    },
    deleteInstance: (key, signal) => tools.clusterApi.delete(instanceResource, parseKey(key), {}, signal),
  };
  const isOutdated = (member: Member): boolean => isShownWrongly(member, deps);
  const compareMs = (): number =>
    members.list().some((member) => isRecent(member, clock.now())) ? promptCompareEveryMs : compareEveryMs;
  return createController<Member, MemberDeps>(
    {
      resource,
      informer: members,
      metadataSteps: [memberFinalizerStep],
      statusSteps: [joined, online, databaseRole, instanceCount],
      deletionSteps: [online, databaseRole, instanceCount, removal],
      depsFor: () => deps,
      alsoOn: [
        periodicKeys(() => members.list().map(keyOf), settledLookEveryMs, clock),
        periodicKeys(() => members.list().filter(isUnsettled).map(keyOf), lookEveryMs, clock),
        periodicKeys(() => members.list().filter(isOutdated).map(keyOf), compareMs, clock),
        onChange(clusters, members, clock, {
          when: ({ before, after }) => before?.status?.featureLevel !== after?.status?.featureLevel,
        }),
        relatedKeys(
          instances,
          (change) =>
            isReferenceChange(change)
              ? [change.before?.status?.member, change.after?.status?.member].filter(
                  (name) => name !== undefined,
                )
              : [],
          { quietMs: 500, clock },
        ),
      ],
    },
    tools,
  );
}

/** Whether the Member does not say what the leader has in memory. */
function isShownWrongly({ metadata: { name }, status }: Member, deps: MemberDeps): boolean {
  const { ms, isHeard } = deps.silenceOf(name);
  const isSilent = ms >= deps.offlineThresholdMs();
  const isShownOnline = isTrue(status, 'Online');
  const isShownLeading = status?.roles?.includes('database-leader') === true;
  const node = deps.nodeOf(name);
  return (
    (isSilent && isShownOnline) ||
    (isHeard && !isSilent && !isShownOnline) ||
    (node !== undefined && (node.role !== status?.databaseRole || node.isLeader !== isShownLeading))
  );
}

function isRecent({ metadata, status }: Member, nowMs: number): boolean {
  const changed = status?.since ?? metadata.creationTimestamp;
  return changed === undefined || nowMs - Date.parse(changed) < recentMs;
}

function isUnsettled({ metadata, status }: Member): boolean {
  return isDeleting(metadata) || status?.state !== 'Online' || !isTrue(status, 'Online');
}

function isOnlyOn(member: string) {
  return ({ status }: Image): boolean => {
    const holders = status?.members?.filter(({ state }) => state === 'Ready') ?? [];
    return holders.length === 1 && holders[0]?.name === member;
  };
}
