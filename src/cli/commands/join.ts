import { readSecret } from '../../base/read-secret.ts';
import { discoverToken } from '../discovery/discover-token.ts';
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
  const by = {
    token: token ?? (await discoverToken({ ...flags, name, address, tell, askPassphrase: readSecret })),
  };
  await carryOut({ kind: 'join', by, address, memberConfig: [] }, { daemon: findDaemon(), dataDir, tell });
}
