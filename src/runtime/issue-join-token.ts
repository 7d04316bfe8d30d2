import { randomBytes } from 'node:crypto';
import { isApiError } from '../api/api-error.ts';
import { secrets } from '../api/builtin.ts';
import { memberAddressOf } from '../api/client-address.ts';
import { clusterSettings } from '../api/defaults.ts';
import type { Member } from '../api/generated/member.ts';
import { clusters, members } from '../api/generated/resources.ts';
import { encodeJoinToken, JoinTokenError, type JoinToken } from '../api/join-token.ts';
import { addDuration } from '../api/duration.ts';
import { clusterName } from '../api/names.ts';
import { formatTimestamp } from '../api/timestamp.ts';
import type { Clock } from '../base/clock.ts';
import type { ClusterApi } from './cluster-api.ts';
import {
  authorityFingerprint,
  buildJoinTokenSecret,
  hashJoinSecret,
  isOfAuthority,
  nameJoinTokenSecret,
  parseJoinTokenSecret,
} from './join-token-secret.ts';

export interface IssueJoinTokenDeps {
  readonly clusterApi: Pick<ClusterApi, 'create' | 'delete' | 'get' | 'list'>;
  /** The cluster's authority; of several the one that signs comes first. */
  readonly caPem: string;
  readonly clock: Clock;
}

const lookAgainMs = 100;
const mostLooks = 100;

const namePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Why a member cannot have this name; undefined when it can. */
export function findNameProblem(name: string): string | undefined {
  if (name === 'none') return 'a member cannot be called "none"';
  if (namePattern.test(name)) return undefined;
  return `"${name}" is no name for a member: use up to 63 lower-case letters, digits and dashes, no dash at either end`;
}

/** Makes the one token with which a member of this name can join. An earlier token for the name becomes void. */
export async function issueJoinToken(
  { clusterApi, caPem, clock }: IssueJoinTokenDeps,
  memberName: string,
  signal: AbortSignal,
  { isKept = false }: { readonly isKept?: boolean } = {},
): Promise<JoinToken> {
  const problem = findNameProblem(memberName);
  if (problem !== undefined) throw new JoinTokenError(problem);
  const items = await listMembers(clusterApi, clock, signal);
  if (items.some(({ metadata, status }) => metadata.name === memberName && status?.id !== undefined)) {
    throw new JoinTokenError(`the cluster already has a member named ${memberName}`);
  }
  const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
  const expiresMs = addDuration(clock.now(), clusterSettings(cluster).joinTokenExpiry);
  const expiresAt = expiresMs === undefined ? '' : formatTimestamp(expiresMs);
  const secret = randomBytes(32).toString('hex');

  const fingerprint = authorityFingerprint(caPem);
  const token = { serverName: memberName, fingerprint, addresses: chooseAddresses(items), secret, expiresAt };
  const stored = buildJoinTokenSecret({
    ...{ memberName, secretSha256: hashJoinSecret(secret), expiresAt, authoritySha256: fingerprint },
    ...(isKept ? { token: encodeJoinToken(token) } : {}),
  });
  await clusterApi.delete(secrets, nameJoinTokenSecret(memberName), {}, signal);
  try {
    await clusterApi.create(secrets, stored, signal);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    throw new JoinTokenError(`somebody else has just made a token for ${memberName}; try again`, {
      cause: error,
    });
  }
  return token;
}

/**
 * Makes sure that a Member that was applied has a token that is good, and keeps it where it can be found: whoever
 * may read Secrets of the system may let the host in. Answers the Secret as `namespace/name`.
 */
export async function ensureJoinToken(
  deps: IssueJoinTokenDeps,
  memberName: string,
  signal: AbortSignal,
): Promise<string> {
  const place = nameJoinTokenSecret(memberName);
  const stored = await deps.clusterApi.get(secrets, place, signal);
  const token = stored === undefined ? undefined : parseJoinTokenSecret(stored);
  const isGood =
    token !== undefined &&
    isOfAuthority(token, deps.caPem) &&
    (token.expiresAt === '' || Date.parse(token.expiresAt) > deps.clock.now());
  if (!isGood) await issueJoinToken(deps, memberName, signal, { isKept: true });
  return `${place.namespace}/${place.name}`;
}

/** A cluster that was founded a moment ago has no Member yet, and a token without an address lets nobody in. */
async function listMembers(
  clusterApi: Pick<ClusterApi, 'list'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  for (let look = 0; look < mostLooks; look += 1) {
    const items = await listIfDefined(clusterApi, signal);
    if (items.length > 0) return items;
    await clock.sleep(lookAgainMs, signal);
  }
  throw new JoinTokenError('the cluster has no member yet whose address a token could carry; try again');
}

/** The kinds themselves are defined in the first second of a cluster. */
async function listIfDefined(
  clusterApi: Pick<ClusterApi, 'list'>,
  signal: AbortSignal,
): Promise<readonly Member[]> {
  try {
    return (await clusterApi.list(members, {}, signal)).items;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return [];
    throw error;
  }
}

/** Members that can answer; all of them while nothing is known of any. */
function chooseAddresses(all: readonly Member[]): string[] {
  const available = all.filter(({ spec, status }) => status?.state === 'Online' && spec.evacuated !== true);
  return (available.length === 0 ? all : available).map(memberAddressOf);
}
