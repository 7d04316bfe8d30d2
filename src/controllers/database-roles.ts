import { memberSettings } from '../api/defaults.ts';
import type { Member } from '../api/generated/member.ts';
import type { Clock } from '../base/clock.ts';
import { inStep } from '../base/in-step.ts';
import { isDeleting } from '../reconcilers/finalizers.ts';
import { isOnline } from '../reconcilers/member/availability.ts';
import type { RoleHolder } from '../reconcilers/member/role-view.ts';
import { nextRoleChange, type RoleChange } from '../reconcilers/member/roles.ts';
import { createWorkQueue, type WorkResult } from '../runtime/work-queue.ts';
import type { Controller, ControllerTools } from './controller.ts';
import type { DatabaseControl, DatabaseNode } from './views/database-view.ts';
import type { World } from './views/world.ts';

const key = 'roles';
// Silence has no event; to weigh it takes only what is in memory.
const lookEveryMs = 2_000;
// Nodes and roles are changed through this member alone, and it is told: this is for what it did not hear of.
const listEveryMs = 30_000;
// A member that becomes a voter first receives what it lacks of the database.
const callDeadlineMs = 60_000;
// A member that could not take a role is passed over for a while, so that the next best gets its chance.
const passOverMs = 10_000;
// So is one that may be gone: it would keep all others waiting for as long as a call lasts.
const silentMs = 3_000;

/** Keeps the database roles as `reconcilers/member/roles.ts` wants them: one change, then a fresh look. */
export function createRoleController(
  world: World,
  database: DatabaseControl,
  tools: ControllerTools,
): Controller {
  const { clock, logger, random } = tools;
  const passedOver = new Map<string, number>();
  const nodeList = createNodeList(world, database, clock);

  async function look(signal: AbortSignal): Promise<WorkResult> {
    const leaving = new Set(database.departures.names);
    const nodes = await nodeList.read(signal);
    // Only a vote is seen to: whoever has none need not wait for what others are to become.
    database.departures.release(new Set(namesWithoutVote(nodes).filter((name) => leaving.has(name))));
    const holders = nodes.map((node) =>
      holderOf(node, world, { isPassedOver: isPassedOver(node.name), isLeaving: leaving.has(node.name) }),
    );
    const change = nextRoleChange(holders, world.settings());
    if (change.kind === 'none') {
      database.departures.release(leaving);
      return { recheckMs: inStep(clock, lookEveryMs) };
    }
    try {
      await apply(change, signal);
    } finally {
      nodeList.forget();
    }
    return { recheckMs: 0 };
  }

  function isPassedOver(name: string): boolean {
    if (world.database.silenceOf(name).ms > silentMs) return true;
    return (passedOver.get(name) ?? -Infinity) > clock.monotonicMs();
  }

  async function apply(change: Exclude<RoleChange, { kind: 'none' }>, signal: AbortSignal): Promise<void> {
    const name = change.kind === 'assign' ? change.member : change.to;
    const news =
      change.kind === 'assign' ? `gets the database role ${change.role}` : 'takes over the leadership';
    try {
      if (change.kind === 'assign') await database.assignRole(name, change.role, signal);
      else await database.transferLeadership(name, signal);
    } catch (error) {
      passedOver.set(name, clock.monotonicMs() + passOverMs);
      throw new Error(`member ${name} ${news}, because ${change.because}`, { cause: error });
    }
    logger.info({ member: name, because: change.because }, `member ${news}`);
    const member = world.informers.members.get(name);
    if (member !== undefined) {
      tools.events.record(member, 'Normal', 'RoleChanged', `${news}, because ${change.because}`);
    }
  }

  const queue = createWorkQueue({
    name: 'database-roles',
    workers: 1,
    deadlineMs: callDeadlineMs,
    backoff: { initialMs: 500, maxMs: 5_000 },
    handle: (_key, signal) => look(signal),
    clock,
    random,
    logger,
  });
  return {
    name: 'database-roles',
    get counts() {
      return queue.counts;
    },
    async run(signal) {
      const lookAnew = (): void => {
        nodeList.forget();
        queue.add(key);
      };
      lookAnew();
      const wakers = subscribeToReasons(world, database, lookAnew);
      try {
        await queue.run(signal);
      } finally {
        for (const unsubscribe of wakers) unsubscribe();
      }
    },
  };
}

interface NodeList {
  read(signal: AbortSignal): Promise<readonly DatabaseNode[]>;
  /** The next one who reads has the database asked. */
  forget(): void;
}

/** Asked at each look, the database would be much of what wakes a leader at rest. */
function createNodeList({ database: view }: World, database: DatabaseControl, clock: Clock): NodeList {
  let listedMs = -Infinity;
  const forget = (): void => {
    listedMs = -Infinity;
  };
  return {
    forget,
    async read(signal) {
      const known = view.nodes();
      if (known !== undefined && clock.monotonicMs() - listedMs < listEveryMs) return known;
      // What changes while it answers is asked for again.
      listedMs = clock.monotonicMs();
      try {
        const nodes = await database.listNodes(signal);
        view.update(nodes);
        return nodes;
      } catch (error) {
        forget();
        throw error;
      }
    },
  };
}

function namesWithoutVote(nodes: readonly DatabaseNode[]): readonly string[] {
  return nodes.filter(({ role }) => role !== 'voter').map(({ name }) => name);
}

function subscribeToReasons(
  { informers }: World,
  database: DatabaseControl,
  look: () => void,
): readonly (() => void)[] {
  const unsubscribe = informers.members.subscribe(({ before, after }) => {
    const isWanted = before?.metadata.generation !== after?.metadata.generation;
    if (isWanted || before?.status?.state !== after?.status?.state) look();
  });
  return [unsubscribe, database.subscribe(look), database.departures.subscribe(look)];
}

/** A node without a Member is one that has just joined or is about to leave: it counts as it is. */
function holderOf(
  { name, role, isLeader }: DatabaseNode,
  world: World,
  standing: Pick<RoleHolder, 'isLeaving' | 'isPassedOver'>,
): RoleHolder {
  const member = world.informers.members.get(name);
  const { evacuated, roles, failureDomain } = memberSettings(member?.spec ?? { address: '' });
  return {
    name,
    role,
    isLeader,
    isOnline: isOnlineNow(name, member, world),
    ...standing,
    isEvacuated: evacuated || (member !== undefined && isDeleting(member.metadata)),
    isControlPlane: roles.includes('control-plane'),
    failureDomain,
  };
}

function isOnlineNow(name: string, member: Member | undefined, { database, settings }: World): boolean {
  const { ms, isHeard } = database.silenceOf(name);
  if (ms >= settings().offlineThresholdSeconds * 1_000) return false;
  return isHeard || (member !== undefined && isOnline(member));
}
