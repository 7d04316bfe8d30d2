import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { UsageError } from '../usage-error.ts';
import { askForToken, findInitiator } from './find-initiator.ts';
import { interfaceAddressOf } from './interface-address.ts';
import { readPassphrase } from './passphrase.ts';

export interface DiscoverTokenOptions {
  /** Of the member that this host becomes. */
  readonly name: string;
  /** `host:port` of this host. */
  readonly address: string;
  readonly initiatorAddress?: string;
  /** Seconds. */
  readonly lookupTimeout: number;
  readonly sessionTimeout: number;
  readonly askPassphrase: (question: string) => Promise<string>;
  readonly tell: (line: string) => void;
}

/** Finds the host that "muster init --discover" runs on, and has it let this one in; answers its token. */
export async function discoverToken(options: DiscoverTokenOptions): Promise<string> {
  const { name, address, initiatorAddress, lookupTimeout, sessionTimeout, askPassphrase, tell } = options;
  const problem = findNameProblem(name);
  if (problem !== undefined) throw new UsageError(`${problem}; pass --name`);
  tell('Looking for "muster init --discover" on the local network…');
  const initiator = await findInitiator({
    host: interfaceAddressOf(address),
    timeoutMs: lookupTimeout * 1_000,
    ...(initiatorAddress === undefined ? {} : { initiatorAddress }),
  });
  tell(`Found ${initiator.name} at ${initiator.address}.`);
  const passphrase = readPassphrase(await askPassphrase('Passphrase that it shows (four words)'));
  if (passphrase === undefined) throw new UsageError('a passphrase is four words of five letters each');
  tell(`Waiting for ${initiator.name} to let this host in…`);
  return askForToken(initiator, { passphrase, name, address, timeoutMs: sessionTimeout * 1_000 });
}
