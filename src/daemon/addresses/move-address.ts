import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { NextDoor } from '../../consensus/consensus.ts';
import type { Peer, PeerDirectory } from '../../consensus/membership/membership.ts';
import { decodePeer, encodePeer, peersPrefix } from '../../consensus/membership/peer-entry.ts';
import type { Store } from '../../consensus/store/store.ts';
import { pause } from '../../runtime/backoff.ts';
import { isWildcard, parseAddress, type HostPort } from '../address.ts';
import type { ReachAnswer } from './reach-protocol.ts';

export interface MoveDeps {
  readonly selfId: string;
  readonly store: Pick<Store, 'commit' | 'get' | 'readBarrier'>;
  readonly peers: PeerDirectory;
  readonly listen: (at: HostPort) => Promise<NextDoor>;
  /** Where to listen for that address; undefined where the member listens already. */
  readonly chooseDoor: (address: string) => HostPort | undefined;
  /** Makes the certificate good for the address besides. */
  readonly certify: (address: string) => Promise<void>;
  /** Asks one other member; undefined when it does not answer. */
  readonly askReach: (peer: Peer, address: string, signal: AbortSignal) => Promise<ReachAnswer | undefined>;
  /** Writes down where this member lives. */
  readonly settle: (address: string) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const followLimitMs = 30_000;
const followLookMs = 200;

/**
 * Moves this member to another address while it runs: it listens there besides, lets the others try it, and tells them;
 * when they have followed, the former address is closed. Answers why it stays where it is, or nothing.
 */
export async function moveAddress(
  deps: MoveDeps,
  to: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const problem = findAddressProblem(deps, to);
  if (problem !== undefined) return problem;
  const at = deps.chooseDoor(to);
  let next: NextDoor | undefined;
  try {
    next = at === undefined ? undefined : await deps.listen(at);
  } catch (error) {
    return `it cannot listen on ${to}: ${explain(error)}`;
  }
  try {
    await deps.certify(to);
    const refusal = (await findRefusal(deps, to, signal)) ?? (await tell(deps, to, signal));
    if (refusal !== undefined) {
      await next?.close();
      return refusal;
    }
  } catch (error) {
    await next?.close();
    throw error;
  }
  await deps.settle(to);
  await waitForOthers(deps, to, signal);
  await next?.keep();
  deps.logger.info({ to }, 'this member has moved to another address');
  return undefined;
}

function findAddressProblem({ peers, selfId }: MoveDeps, to: string): string | undefined {
  const parsed = parseAddress(to);
  if (parsed.problem !== undefined) return parsed.problem;
  if (isWildcard(parsed.host)) return `nobody can reach a member at ${to}: name an address of its own`;
  const owner = peers.list().find(({ id, address }) => id !== selfId && address === to);
  return owner === undefined ? undefined : `${to} is the address of member ${owner.name}`;
}

/** Those that answer have to reach it there; who is off will hear of it when it is back. */
async function findRefusal(deps: MoveDeps, to: string, signal: AbortSignal): Promise<string | undefined> {
  const answers = await askAll(deps, to, signal);
  const refusals = answers.flatMap(({ member, problem }) =>
    problem === undefined ? [] : [`member ${member} does not reach it at ${to}: ${problem}`],
  );
  return refusals.length === 0 ? undefined : refusals.join('; ');
}

async function tell(
  { store, selfId }: MoveDeps,
  to: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  await store.readBarrier(signal);
  const key = peersPrefix + selfId;
  const stored = store.get(key);
  if (stored === undefined) return 'it is not a member of the cluster any more';
  const value = encodePeer({ ...decodePeer(stored.value), address: to });
  const conditions = [{ key, revision: stored.revision }];
  const { kind } = await store.commit({ conditions, operations: [{ kind: 'put', key, value }] }, signal);
  return kind === 'conflict' ? 'its entry was changed by somebody else at the same time' : undefined;
}

/** Connections go over to the new address by themselves once a member knows it; new ones must not meet a closed door. */
async function waitForOthers(deps: MoveDeps, to: string, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const endMs = clock.monotonicMs() + followLimitMs;
  for (;;) {
    const behind = (await askAll(deps, to, signal)).filter(({ known }) => known !== to);
    if (behind.length === 0) return;
    if (clock.monotonicMs() > endMs) {
      const members = behind.map(({ member }) => member);
      logger.warn({ to, members }, 'closing the former address, though not every member knows the new one');
      return;
    }
    if (!(await pause(clock, followLookMs, signal))) return;
  }
}

async function askAll(
  { peers, selfId, askReach }: MoveDeps,
  to: string,
  signal: AbortSignal,
): Promise<readonly ReachAnswer[]> {
  const others = peers.list().filter(({ id }) => id !== selfId);
  const answers = await Promise.all(others.map((peer) => askReach(peer, to, signal)));
  return answers.filter((answer) => answer !== undefined);
}

function explain(error: unknown): string {
  const text = describeError(error);
  if (text.includes('EADDRNOTAVAIL')) return 'no interface of this host has this address';
  return text.includes('EADDRINUSE') ? 'another program listens there' : text;
}
