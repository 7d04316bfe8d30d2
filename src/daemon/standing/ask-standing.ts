import { describeError } from '../../base/describe-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Peer } from '../../consensus/membership/membership.ts';
import type { MemberConfig } from '../config.ts';
import { postToMember, type MemberCredentials } from '../post-to-member.ts';
import type { MemberIdentity } from '../run/member-identity.ts';
import { standingPath, type StandingAnswer, type StandingRequest } from './standing-protocol.ts';

export interface AskDeps {
  readonly config: MemberConfig;
  readonly identity: MemberIdentity;
  readonly logger: Logger;
}

// Asked at each start, so a host that is down must not cost much. A living member answers from memory.
const limits = { connectMs: 1_000, replyMs: 2_000 };

/** The others are known by their keys: whoever was away may not know the authority that they have by now. */
export function credentialsOf(
  { authority, member }: MemberIdentity,
  others: readonly Pick<Peer, 'publicKeySha256'>[],
): MemberCredentials {
  const knownKeys = others.map(({ publicKeySha256 }) => publicKeySha256);
  return { authorities: authority.trusted, knownKeys, certPem: member.certPem, keyPem: member.keyPem };
}

/** What those of the others say that run and know anything. */
export async function askStanding(
  { config, identity, logger }: AskDeps,
  others: readonly Peer[],
): Promise<readonly StandingAnswer[]> {
  const content: StandingRequest = { clusterId: config.clusterId, id: config.id };
  const answers = await Promise.all(
    others.map(async (peer): Promise<readonly StandingAnswer[]> => {
      const { name, address } = peer;
      try {
        const request = { address, path: standingPath, content };
        const { code, body } = await postToMember(request, credentialsOf(identity, [peer]), limits);
        if (code === 200) return [body as unknown as StandingAnswer]; // from a member of the own authority
        logger.debug({ member: name, code, message: body['message'] }, 'a member does not know yet');
      } catch (error) {
        logger.debug({ member: name, cause: describeError(error) }, 'a member does not answer');
      }
      return [];
    }),
  );
  return answers.flat().filter(({ clusterId }) => clusterId === config.clusterId);
}
