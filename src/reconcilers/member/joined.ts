import type { Member } from '../../api/generated/member.ts';
import type { Draft } from '../draft.ts';
import type { Outcome, Step } from '../step.ts';

export interface JoinedDeps {
  /** Undefined while the database has not answered. */
  readonly isInDatabase: (member: string) => boolean | undefined;
  /** Makes sure that there is a good token for the name, and says in which Secret. */
  readonly offerToken: (member: string, signal: AbortSignal) => Promise<string>;
}

const lookAgainMs = 1_000;

/** A Member that somebody has applied is a wish: it gets the token with which its host comes in. */
export const joined: Step<Draft<Member>, JoinedDeps> = {
  condition: 'Joined',
  isBookkeeping: true,
  async run({ metadata: { name }, status }, { isInDatabase, offerToken }, signal): Promise<Outcome> {
    const isIn = isInDatabase(name);
    if (isIn === true) return { kind: 'settled', message: 'it belongs to the database' };
    if (isIn === undefined || status.id !== undefined) {
      const message = 'the database has not been asked yet';
      return { kind: 'waiting', reason: 'Unknown', message, recheckMs: lookAgainMs };
    }
    const secret = await offerToken(name, signal);
    const message = `no host has joined under this name yet; its token is in the Secret ${secret}`;
    return { kind: 'waiting', reason: 'WaitingForHost', message, recheckMs: 60_000 };
  },
};
