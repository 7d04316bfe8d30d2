import { apiError, isApiError } from '../../api/api-error.ts';
import { findLevelProblem, ownFeatureLevels } from '../../api/feature-level.ts';
import { clusters, members } from '../../api/generated/resources.ts';
import { clusterName } from '../../api/names.ts';
import { musterApiVersion } from '../../api/meta.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Membership, Peer } from '../../consensus/membership/membership.ts';
import { createNodeId } from '../../consensus/membership/node-id.ts';
import type { ClusterApi } from '../../runtime/cluster-api.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import type { HeldAuthority } from '../authority/held-authority.ts';
import { isWildcard, parseAddress, requireAddress } from '../address.ts';
import { signMemberCertificate, type KeyedCertificate } from '../pki/certificates.ts';
import { parsePublicKey, pinOfKey } from '../pki/public-key.ts';
import { applyMemberConfig, checkMemberConfig, readMemberConfigTargets } from './apply-member-config.ts';
import {
  parseJoinRequest,
  type JoinAnswer,
  type JoinRequest,
  type QuestionsAnswer,
} from './join-protocol.ts';
import { listQuestions } from './member-config.ts';
import { claimToken, findToken } from './token-claim.ts';

export interface AcceptJoinDeps {
  readonly clusterApi: Pick<ClusterApi, 'create' | 'delete' | 'get' | 'list' | 'mergePatch' | 'update'>;
  readonly membership: Pick<Membership, 'add' | 'peers'>;
  readonly clusterId: string;
  readonly authority: KeyedCertificate & Partial<Pick<HeldAuthority, 'exchange'>>;
  readonly version: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Takes a host into the cluster; runs on the member that leads. Every step can be repeated by the same host with
 * the same token, so an interrupted join is finished by trying again. Refuses with an `ApiError`.
 */
export async function acceptJoin(
  deps: AcceptJoinDeps,
  body: unknown,
  provenKeySha256: string | undefined,
  signal: AbortSignal,
): Promise<JoinAnswer> {
  const request = parseJoinRequest(body);
  if ('problem' in request) throw apiError('BadRequest', `not a request to join: ${request.problem}`);
  const publicKeySha256 = provePossession(request, provenKeySha256);
  const found = await findToken(deps, { ...request, publicKeySha256 }, signal);
  checkRequest(deps, request, publicKeySha256);
  await checkRelease(deps, request, signal);
  await checkDeclaration(deps.clusterApi, request, signal);
  const { memberConfig = [] } = request;
  await checkMemberConfig(deps.clusterApi, memberConfig, signal);
  await claimToken(deps, found, publicKeySha256, signal);

  const peer = describePeer(deps, request, publicKeySha256);
  await deps.membership.add(peer, signal);
  await applyMemberConfig(deps.clusterApi, peer.name, memberConfig, signal);
  await ensureMember(deps.clusterApi, peer, signal);
  const host = requireAddress(request.address).host;
  const certificate = { name: request.name, hosts: [host], publicKeyPem: request.publicKey };
  deps.logger.info({ member: peer.name, address: peer.address, id: peer.id }, 'a member has joined');
  const { certPem, keyPem, exchange } = deps.authority;
  const authority = { certPem, keyPem };
  return {
    clusterId: deps.clusterId,
    id: peer.id,
    authority,
    ...(exchange === undefined ? {} : { exchange }),
    certPem: await signMemberCertificate(authority, certificate, deps.clock.now()),
    peers: deps.membership.peers.list(),
  };
}

/** What a host with a good token may be asked before it joins; changes nothing. */
export async function answerQuestions(
  deps: Pick<AcceptJoinDeps, 'authority' | 'clusterApi'> & { readonly memberName: string },
  body: unknown,
  provenKeySha256: string | undefined,
  signal: AbortSignal,
): Promise<QuestionsAnswer> {
  const request = parseJoinRequest(body);
  if ('problem' in request) throw apiError('BadRequest', `not a request to join: ${request.problem}`);
  const publicKeySha256 = provePossession(request, provenKeySha256);
  await findToken(deps, { ...request, publicKeySha256 }, signal);
  return {
    questions: listQuestions(await readMemberConfigTargets(deps.clusterApi, signal), deps.memberName),
  };
}

/** The Member object of a peer, unless it is there. */
export async function ensureMember(
  clusterApi: Pick<ClusterApi, 'create' | 'get'>,
  { name, address }: Peer,
  signal: AbortSignal,
): Promise<void> {
  if ((await clusterApi.get(members, { name }, signal)) !== undefined) return;
  const member = { apiVersion: musterApiVersion, kind: members.kind, metadata: { name }, spec: { address } };
  try {
    await clusterApi.create(members, member, signal);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

function provePossession({ publicKey }: JoinRequest, provenKeySha256: string | undefined): string {
  const key = parsePublicKey(publicKey);
  if (key === undefined) throw apiError('BadRequest', 'publicKey is not an ECDSA P-256 public key in PEM');
  const publicKeySha256 = pinOfKey(key);
  if (publicKeySha256 === provenKeySha256) return publicKeySha256;
  throw apiError('BadRequest', 'the connection does not prove that the host holds the key that it names');
}

function checkRequest(
  { membership }: Pick<AcceptJoinDeps, 'membership'>,
  request: JoinRequest,
  publicKeySha256: string,
): void {
  const { name, address } = request;
  const nameProblem = findNameProblem(name);
  if (nameProblem !== undefined) throw apiError('BadRequest', nameProblem);
  const parsed = parseAddress(address);
  if (parsed.problem !== undefined) throw apiError('BadRequest', `address: ${parsed.problem}`);
  if (isWildcard(parsed.host)) throw apiError('BadRequest', `nobody can reach a member at ${address}`);
  const others = membership.peers.list().filter((peer) => peer.publicKeySha256 !== publicKeySha256);
  if (others.some((peer) => peer.name === name)) {
    throw apiError('Conflict', `the cluster already has a member named ${name}`);
  }
  const owner = others.find((peer) => peer.address === address);
  if (owner !== undefined) {
    throw apiError('Conflict', `the cluster already has a member with the address ${address}: ${owner.name}`);
  }
}

/** A host that could not work with the others would only be Blocked: better that it learns it now. */
async function checkRelease(
  { clusterApi, version }: Pick<AcceptJoinDeps, 'clusterApi' | 'version'>,
  { version: joining, featureLevels }: JoinRequest,
  signal: AbortSignal,
): Promise<void> {
  const cluster = await clusterApi.get(clusters, { name: clusterName }, signal);
  const problem = findLevelProblem(featureLevels, cluster?.status?.featureLevel ?? ownFeatureLevels.newest);
  if (problem === undefined) return;
  throw apiError('Conflict', `the cluster runs Muster ${version}; the joining host's ${joining} ${problem}`);
}

/** Where somebody has applied the Member beforehand, the host has to come to the address that it names. */
async function checkDeclaration(
  clusterApi: Pick<ClusterApi, 'get'>,
  { name, address }: JoinRequest,
  signal: AbortSignal,
): Promise<void> {
  const declared = (await clusterApi.get(members, { name }, signal))?.spec.address;
  if (declared === undefined || declared === address) return;
  const message = `the Member ${name} has the address ${declared}; join with that one, or change the Member to ${address}`;
  throw apiError('Conflict', message);
}

function describePeer(
  { membership }: Pick<AcceptJoinDeps, 'membership'>,
  { name, address }: JoinRequest,
  publicKeySha256: string,
): Peer {
  const known = membership.peers.findByPublicKey(publicKeySha256);
  if (known !== undefined && known.name !== name) {
    throw apiError('Conflict', `this host is already a member, named ${known.name}`);
  }
  return { id: known?.id ?? createNodeId(), name, address, publicKeySha256, failureDomain: 0 };
}
