import type { FeatureLevels } from '../../api/feature-level.ts';
import type { JoinToken } from '../../api/join-token.ts';
import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import { pause } from '../../runtime/backoff.ts';
import { OperatorError } from '../operator-error.ts';
import { signOwnCertificate } from '../pki/certificates.ts';
import { publicKeyPemOf } from '../pki/key-pair.ts';
import { fetchAuthority } from './inspect-member.ts';
import type { JoinAnswer, JoinRequest } from './join-protocol.ts';
import type { MemberConfigEntry, MemberConfigQuestion } from './member-config.ts';
import { askQuestions, sendJoinRequest, type JoinCredentials } from './send-join-request.ts';

export interface JoinOptions {
  readonly token: JoinToken;
  readonly address: string;
  readonly keyPem: string;
  readonly version: string;
  readonly featureLevels: FeatureLevels;
  readonly clock: Clock;
  readonly memberConfig?: readonly MemberConfigEntry[];
  /** Tells a person what happens. */
  readonly tell: (progress: string) => void;
}

const exchangedAdvice =
  ': if that is the cluster, its authority was exchanged after the token was made, and a new one is needed ' +
  '("muster cluster add")';
// A cluster that elects a leader, or is changing its configuration, is back in seconds; one that takes in fifty hosts
// at once may need minutes for the last of them.
const patienceMs = 180_000;
const retryMs = 1_000;
const longestRetryMs = 5_000;

/** Asks the members of the token, one after the other, until one takes this host in. */
export async function joinCluster(options: JoinOptions, signal: AbortSignal): Promise<JoinAnswer> {
  const { token, clock, tell } = options;
  const { caPem, address } = await findMember(options, signal);
  tell(`found the cluster at ${address}; its certificate is the one that the token names`);
  const { keyPem } = options;
  const certPem = await signOwnCertificate(keyPem, token.serverName, clock.now());
  return askUntilAnswered(options, { authorities: [caPem], certPem, keyPem }, address, signal);
}

/** What the cluster would have this host answer before it joins. Nothing is changed by asking. */
export async function lookUpQuestions(
  options: JoinOptions,
  signal: AbortSignal,
): Promise<readonly MemberConfigQuestion[]> {
  const { token, keyPem, clock } = options;
  const { caPem, address } = await findMember(options, signal);
  const certPem = await signOwnCertificate(keyPem, token.serverName, clock.now());
  return askQuestions(address, buildRequest(options), { authorities: [caPem], certPem, keyPem });
}

function buildRequest({
  token: { serverName: name, secret },
  address,
  keyPem,
  version,
  featureLevels,
  memberConfig = [],
}: Omit<JoinOptions, 'clock' | 'tell'>): JoinRequest {
  const publicKey = publicKeyPemOf(keyPem);
  return {
    name,
    secret,
    address,
    publicKey,
    version,
    featureLevels,
    ...(memberConfig.length === 0 ? {} : { memberConfig }),
  };
}

async function askUntilAnswered(
  { token, address, keyPem, version, featureLevels, memberConfig = [], clock, tell }: JoinOptions,
  credentials: JoinCredentials,
  firstAddress: string,
  parent: AbortSignal,
): Promise<JoinAnswer> {
  const request = buildRequest({ token, address, keyPem, version, featureLevels, memberConfig });
  const addresses = [...new Set([firstAddress, ...token.addresses])];
  using deadline = createDeadline(clock, patienceMs, 'joining', parent);
  let next = firstAddress;
  let problem = '';
  for (let tries = 1; !deadline.signal.aborted; tries += 1) {
    const reply = await sendJoinRequest(next, request, credentials, tries);
    if (reply.kind === 'joined') return reply.answer;
    if (reply.kind === 'refused') throw new OperatorError(`the cluster refused: ${reply.message}`);
    if (reply.kind === 'elsewhere' && reply.leaderAddress !== next) {
      tell(`${next} does not lead; asking ${reply.leaderAddress}`);
      next = reply.leaderAddress;
      // Two members that name each other, in the middle of an election, would keep us running in a circle.
      if (tries <= addresses.length) continue;
    }
    if (reply.kind === 'unavailable' && reply.message !== problem) {
      problem = reply.message;
      tell(`${next} cannot take this host in now (${problem}); trying again`);
      next = addresses[tries % addresses.length] ?? firstAddress;
    }
    await pause(clock, Math.min(retryMs * tries, longestRetryMs), deadline.signal);
  }
  parent.throwIfAborted();
  throw new OperatorError(
    `no member took this host in within ${patienceMs / 1_000} s; the last answer was: ${problem}`,
  );
}

async function findMember(
  { token, clock }: Pick<JoinOptions, 'clock' | 'token'>,
  signal: AbortSignal,
): Promise<{ readonly caPem: string; readonly address: string }> {
  const problems: string[] = [];
  for (const address of token.addresses) {
    try {
      const caPem = await fetchAuthority(address, token.fingerprint, { clock, signal });
      if (caPem !== undefined) return { caPem, address };
      problems.push(
        `${address} presents another certificate than the one that the token names${exchangedAdvice}`,
      );
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${address}: ${describeError(error)}`);
    }
  }
  throw new OperatorError(`cannot connect to any cluster member of the join token: ${problems.join('; ')}`);
}
