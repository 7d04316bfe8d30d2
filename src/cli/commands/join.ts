import { readSecret } from '../../base/read-secret.ts';
import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { askForToken, findInitiator } from '../discovery/find-initiator.ts';
import { readPassphrase } from '../discovery/passphrase.ts';
import { interfaceAddressOf } from '../discovery/interface-address.ts';
import { withPort } from '../init/addresses.ts';
import { carryOut } from '../init/carry-out.ts';
import { findDaemon } from '../init/daemon.ts';
import { detectHost } from '../init/detect-host.ts';
import { UsageError } from '../usage-error.ts';

export interface JoinFlags {
  readonly dataDir: string;
  readonly discover?: true;
  readonly token?: string;
  readonly name?: string;
  readonly address?: string;
  readonly initiatorAddress?: string;
  readonly lookupTimeout: number;
  readonly sessionTimeout: number;
}

/** Makes this host a member of the cluster whose "muster init --discover" shows the passphrase, or that of a token. */
export async function joinHost(flags: JoinFlags): Promise<void> {
  const { dataDir, discover = false, token } = flags;
  if (discover === (token !== undefined)) throw new UsageError('pass either --discover or --token TOKEN');
  const detected = detectHost();
  const address = withPort(flags.address ?? detected.address, '--address');
  const name = flags.name ?? detected.name;
  const tell = (line: string): void => {
    console.error(line);
  };
  const by = { token: token ?? (await discoverToken({ ...flags, name, address }, tell)) };
  await carryOut({ kind: 'join', by, address, memberConfig: [] }, { daemon: findDaemon(), dataDir, tell });
}

async function discoverToken(
  {
    name,
    address,
    initiatorAddress,
    lookupTimeout,
    sessionTimeout,
  }: JoinFlags & { readonly name: string; readonly address: string },
  tell: (line: string) => void,
): Promise<string> {
  const problem = findNameProblem(name);
  if (problem !== undefined) throw new UsageError(`${problem}; pass --name`);
  tell('Looking for "muster init --discover" on the local network…');
  const initiator = await findInitiator({
    host: interfaceAddressOf(address),
    timeoutMs: lookupTimeout * 1_000,
    ...(initiatorAddress === undefined ? {} : { initiatorAddress }),
  });
  tell(`Found ${initiator.name} at ${initiator.address}.`);
  const passphrase = readPassphrase(await readSecret('Passphrase that it shows (four words)'));
  if (passphrase === undefined) throw new UsageError('a passphrase is four words of five letters each');
  tell(`Waiting for ${initiator.name} to let this host in…`);
  return askForToken(initiator, { passphrase, name, address, timeoutMs: sessionTimeout * 1_000 });
}
