import { networkInterfaces } from 'node:os';
import { virtualAddressOf } from '../../api/client-address.ts';
import { findCondition, setCondition } from '../../api/conditions.ts';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Member } from '../../api/generated/member.ts';
import { members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { isAborted } from '../../runtime/backoff.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { commit } from '../../runtime/commit.ts';
import { followChanges } from '../../runtime/follow-changes.ts';
import type { Informer } from '../../runtime/informer.ts';
import type { HostPort } from '../address.ts';
import type { ApiDoors } from './api-doors.ts';
import { listCertificateHosts } from './certificate-hosts.ts';
import { planDoors, type DoorWishes } from './plan-doors.ts';
import type { NameResolver } from './resolve-names.ts';

export interface KeepAddressesDeps {
  readonly memberName: string;
  readonly members: Informer<Member>;
  readonly clusters: Informer<Cluster>;
  readonly clusterApi: Pick<ClusterApi, 'mergePatch'>;
  readonly doors: ApiDoors;
  /** What the member's own port listens on. */
  readonly mainDoor: () => HostPort;
  /** `host:port` at which the others reach it. */
  readonly address: () => string;
  /** Moves there; answers why it stays where it is. */
  readonly moveTo: (address: string, signal: AbortSignal) => Promise<string | undefined>;
  /** The address was changed on this host while nothing ran: the Member has to follow, and not the other way. */
  readonly isMovedByHand: () => boolean;
  readonly forgetMovedByHand: () => Promise<void>;
  /** Makes the certificate good for these hosts, unless it is. */
  readonly certify: (hosts: readonly string[]) => Promise<void>;
  /** What init or join was told, until it is the Member's. */
  readonly givenAddresses: () => readonly string[] | undefined;
  readonly forgetGivenAddresses: () => Promise<void>;
  readonly resolveNames: NameResolver;
  readonly clock: Clock;
  readonly logger: Logger;
}

// Addresses of the host come and go without a word; a virtual one that has moved here should be served at once.
const lookEveryMs = 500;
// Where nothing depends on them: what is wished for is heard of.
const settledLookMs = 30_000;

/** Serves clients where the Member and the Cluster say, as the host's addresses come and go. Works until the abort. */
export async function keepAddresses(deps: KeepAddressesDeps, signal: AbortSignal): Promise<void> {
  const { members: informer, clusters, memberName, clock, doors, logger } = deps;
  const own = {
    subscribe: (changed: () => void) =>
      informer.subscribe(({ key }) => {
        if (key === memberName) changed();
      }),
  };
  const changes = followChanges([own, clusters], clock);
  try {
    while (!isAborted(signal)) {
      const isSettled = await look(deps, signal).catch((error: unknown) => {
        logger.debug({ reason: describeError(error) }, 'the addresses could not be kept, trying again');
        return false;
      });
      await changes.wait(isSettled ? settledLookMs : lookEveryMs, signal);
    }
  } finally {
    changes.close();
    doors.close();
  }
}

/** Answers whether it stays as it is until the Member or the Cluster changes, whatever the host's addresses do. */
async function look(deps: KeepAddressesDeps, signal: AbortSignal): Promise<boolean> {
  const { members: informer, clusters, memberName, doors, address, mainDoor, certify } = deps;
  const own = informer.get(memberName);
  if (own === undefined) return false;
  if ((await handGivenOver(deps, own, signal)) || (await handMoveOver(deps, own, signal))) return false;
  const stays = own.spec.address === address() ? undefined : await deps.moveTo(own.spec.address, signal);
  const wishes: DoorWishes = {
    addresses: own.spec.clientAddresses ?? [],
    virtualAddress: virtualAddressOf(clusters.get(clusterName)),
  };
  const localAddresses = listLocalAddresses();
  const resolved = await deps.resolveNames(wishes.addresses);
  const plan = planDoors(wishes, { localAddresses, mainDoor: mainDoor(), resolved });
  // First the certificate: a client that finds the door open should find itself expected.
  await certify(listCertificateHosts(address(), wishes, localAddresses));
  const failures = await doors.set(plan.doors);
  const problems = stays === undefined ? [] : [`${stays}; it goes on at ${address()}`];
  await report(deps, own, [...problems, ...plan.problems, ...failures], signal);
  return stays === undefined && wishes.addresses.length === 0 && wishes.virtualAddress === undefined;
}

async function handGivenOver(
  { givenAddresses, forgetGivenAddresses, clusterApi, memberName }: KeepAddressesDeps,
  own: Member,
  signal: AbortSignal,
): Promise<boolean> {
  const given = givenAddresses();
  if (given === undefined) return false;
  // What somebody has written into the Member in the meantime is newer.
  if (own.spec.clientAddresses === undefined) {
    const patch = { spec: { clientAddresses: [...given] } };
    await clusterApi.mergePatch(members, { name: memberName }, patch, { fieldManager }, signal);
  }
  await forgetGivenAddresses();
  return true;
}

async function handMoveOver(
  { isMovedByHand, forgetMovedByHand, address, clusterApi, memberName }: KeepAddressesDeps,
  own: Member,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isMovedByHand()) return false;
  if (own.spec.address !== address()) {
    const patch = { spec: { address: address() } };
    await clusterApi.mergePatch(members, { name: memberName }, patch, { fieldManager }, signal);
  }
  await forgetMovedByHand();
  return true;
}

const fieldManager = 'muster-addresses';

async function report(
  { doors, address, clusterApi, clock, logger }: KeepAddressesDeps,
  own: Member,
  problems: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const known = findCondition(own.status, 'Listening');
  // Nothing to say where nothing was asked for.
  const isAsked = own.spec.clientAddresses !== undefined || own.status?.address !== undefined;
  if (known === undefined && problems.length === 0 && !isAsked) return;
  const told = [address(), ...doors.list()].join(', ');
  const saying =
    problems.length === 0
      ? ({ status: 'True', reason: 'Listening', message: `it listens on ${told}` } as const)
      : ({ status: 'False', reason: 'CannotListen', message: problems.join('; ') } as const);
  const draft = structuredClone(own);
  const status = (draft.status ??= {});
  const { address: _before, ...rest } = status;
  draft.status = own.spec.address === address() ? rest : { ...rest, address: address() };
  setCondition(draft.status, { type: 'Listening', ...saying }, clock.now());
  await commit(clusterApi, { resource: members, stored: own, draft, fieldManager }, signal);
  if (problems.length > 0 && known?.message !== saying.message)
    logger.warn({ problems }, 'not every address for clients can be had');
}

function listLocalAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  // A link-local address is none that clients could be given.
  return all.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address));
}
