import type { Clock } from '../../base/clock.ts';
import { createDeadline } from '../../base/deadline.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import { pause } from '../../runtime/backoff.ts';
import type { JoinElsewhere } from '../join/join-protocol.ts';
import { OperatorError } from '../operator-error.ts';
import { postToMember } from '../post-to-member.ts';
import { credentialsOf, type AskDeps } from './ask-standing.ts';
import { rejoinPath, type RejoinAnswer, type StandingRequest } from './standing-protocol.ts';

const limits = { connectMs: 2_000, replyMs: 30_000 };
// Long enough for hosts that start together after a power failure; a service manager begins again afterwards.
const patienceMs = 600_000;
const retryMs = 1_000;
const tellEveryTries = 15;

/** Asks the others until the one that leads gives this member a new id, under which it may begin with nothing. */
export async function askToRejoin(
  deps: AskDeps & { readonly clock: Clock },
  others: readonly Peer[],
): Promise<RejoinAnswer> {
  const { config, clock, logger } = deps;
  using deadline = createDeadline(clock, patienceMs, 'asking the others for the database');
  let problem = 'nobody answered';
  for (let tries = 0; !deadline.signal.aborted; tries += 1) {
    const peer = others[tries % others.length];
    const reply = peer === undefined ? undefined : await tryOne(deps, peer.address, others);
    if (reply !== undefined && 'id' in reply) return reply;
    problem = reply?.problem ?? problem;
    if (tries % tellEveryTries === 0) {
      const advice =
        'if the members with the database are lost, see "musterd cluster recover-from-quorum-loss"';
      logger.warn(
        { asked: peer?.name, problem, advice },
        'this member waits for the others to give it the database',
      );
    }
    await pause(clock, retryMs, deadline.signal);
  }
  throw new OperatorError(
    `member ${config.name} got no database from the others in ${patienceMs / 60_000} minutes: ${problem}`,
  );
}

async function tryOne(
  { config, identity }: AskDeps,
  address: string,
  others: readonly Peer[],
): Promise<RejoinAnswer | { readonly problem: string }> {
  const content: StandingRequest = { clusterId: config.clusterId, id: config.id };
  const credentials = credentialsOf(identity, others);
  try {
    let { code, body } = await postToMember({ address, path: rejoinPath, content }, credentials, limits);
    const { leaderAddress } = body as Partial<JoinElsewhere>;
    if (code === 307 && leaderAddress !== undefined) {
      const request = { address: leaderAddress, path: rejoinPath, content };
      ({ code, body } = await postToMember(request, credentials, limits));
    }
    if (code === 200) return body as unknown as RejoinAnswer; // from a member of the own authority
    return { problem: typeof body['message'] === 'string' ? body['message'] : `it answered ${code}` };
  } catch (error) {
    return { problem: describeError(error) };
  }
}
