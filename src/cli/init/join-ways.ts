import { decodeJoinToken, JoinTokenError } from '../../api/join-token.ts';
import { describeError } from '../../base/describe-error.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { UsageError } from '../usage-error.ts';
import { checkAddress, withPort, type HostDefaults } from './addresses.ts';
import type { Asker } from './asker.ts';
import type { JoinByPassword } from './plan.ts';

/** What takes a look at another host; nothing is changed by it, here or there. */
export interface JoinWays {
  /** SHA-256 of the certificate of the cluster to which the member at this address belongs. */
  readonly fetchFingerprint: (addressOfMember: string) => Promise<string>;
  /** Sends the trust password, and answers a join token. */
  readonly fetchToken: (request: JoinByPassword) => Promise<string>;
  /** Has "muster init --discover" of another host let this one in. */
  readonly discoverToken: (name: string, address: string) => Promise<string>;
}

export interface AskForTokenDeps {
  readonly asker: Asker;
  readonly host: HostDefaults;
  readonly ways: JoinWays;
}

const mostAttempts = 3;

/** Every way into a cluster ends in a join token: one that somebody has copied, or one that is asked for here. */
export async function askForJoinToken(deps: AskForTokenDeps, serverAddress: string): Promise<string> {
  const { asker, ways } = deps;
  asker.tell(
    'Instead of a token, answer "password" for the trust password of the cluster, or "discover" to be',
  );
  asker.tell('let in by a host of this network that runs "muster init --discover".');
  const answer = await asker.text('Please provide join token', { check: checkTokenOrWay });
  if (answer === 'password') return askWithPassword(deps);
  if (answer !== 'discover') return answer;
  const name = await askForName(deps);
  return tryAgain(asker, () => ways.discoverToken(name, serverAddress));
}

async function askWithPassword(deps: AskForTokenDeps): Promise<string> {
  const { asker, ways } = deps;
  const name = await askForName(deps);
  const { addressOfMember, shown } = await tryAgain(asker, async () => {
    const question = 'IP address or FQDN of an existing cluster member (may include port)';
    const address = withPort(await asker.text(question, { check: checkAddress }), 'the address');
    return { addressOfMember: address, shown: await ways.fetchFingerprint(address) };
  });
  asker.tell(`Cluster fingerprint: ${shown}`);
  asker.tell('You can compare it with that of cluster.crt in the data directory of any member.');
  const answer = await asker.text('Is this the correct fingerprint? (yes/no/[fingerprint])', {
    byDefault: 'no',
    check: (text) => checkFingerprint(text, shown),
  });
  if (answer === 'no') throw new UsageError('the fingerprint was not confirmed; nothing was sent');
  return tryAgain(asker, async () => {
    const password = await asker.secret('Cluster trust password');
    return ways.fetchToken({ name, addressOfMember, fingerprint: shown, password });
  });
}

function askForName({ asker, host }: AskForTokenDeps): Promise<string> {
  return asker.text('What member name should be used to identify this server in the cluster?', {
    byDefault: host.name,
    check: findNameProblem,
  });
}

/** What another host refuses is explained, and asked for again; not for ever: it counts wrong passwords too. */
async function tryAgain<T>(asker: Asker, attempt: () => Promise<T>): Promise<T> {
  for (let left = mostAttempts - 1; left > 0; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      asker.tell(`That does not work: ${describeError(error)}`);
    }
  }
  return attempt();
}

function checkTokenOrWay(text: string): string | undefined {
  if (text === 'password' || text === 'discover') return undefined;
  try {
    decodeJoinToken(text);
    return undefined;
  } catch (error) {
    if (error instanceof JoinTokenError) {
      return `${error.message}; a member prints a token with "muster cluster add NAME"`;
    }
    throw error;
  }
}

function checkFingerprint(text: string, shown: string): string | undefined {
  if (text === 'yes' || text === 'no') return undefined;
  const typed = text.replaceAll(':', '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(typed)) return 'answer yes, no, or with the fingerprint itself';
  return typed === shown
    ? undefined
    : 'that is not the one which this address shows: it is of another cluster, or somebody stands in between';
}
