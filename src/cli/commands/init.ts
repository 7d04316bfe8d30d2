import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { interfaceAddressOf } from '../discovery/interface-address.ts';
import { carryOut, nameOf } from '../init/carry-out.ts';
import { findDaemon, type Daemon } from '../init/daemon.ts';
import type { Asker } from '../init/asker.ts';
import { detectHost } from '../init/detect-host.ts';
import { formatPreseed } from '../init/format-preseed.ts';
import { interview, type JoinQuestion } from '../init/interview.ts';
import type { JoinWays } from '../init/join-ways.ts';
import { parsePreseed } from '../init/parse-preseed.ts';
import { planInit } from '../init/plan.ts';
import type { Preseed } from '../init/preseed.ts';
import { openTerminalAsker } from '../init/terminal-asker.ts';
import { UsageError } from '../usage-error.ts';

export interface InitFlags {
  readonly dataDir: string;
  /** A file, or "-" for standard input. */
  readonly preseed?: string;
  readonly discover?: true;
  /** How many hosts shall join. */
  readonly expect?: number;
  /** Nobody is asked whether a host that knows the passphrase may join. */
  readonly yes?: true;
  readonly sessionTimeout: number;
}

/** Makes this host a member: of a new cluster, or of one that exists. */
export async function initHost(flags: InitFlags): Promise<void> {
  const { dataDir } = flags;
  const daemon = findDaemon();
  const host = detectHost();
  const preseed = await readPreseed(flags, daemon);
  const tell = (line: string): void => {
    console.error(line);
  };
  const plan = planInit(preseed, host);
  if (flags.discover === true && flags.yes !== true && !process.stdin.isTTY) {
    throw new UsageError('nobody is there to say who may join: pass --yes');
  }
  await carryOut(plan, { daemon, dataDir, tell });
  if (flags.discover !== true) return;
  const { openSession } = await import('../discovery/open-session.ts');
  await openSession({
    kubeconfig: path.join(dataDir, 'admin.kubeconfig'),
    name: nameOf(plan),
    host: interfaceAddressOf(plan.address),
    timeoutSeconds: flags.sessionTimeout,
    expected: flags.expect,
    isUnasked: flags.yes === true,
    tell,
  });
}

async function readPreseed({ dataDir, preseed }: InitFlags, daemon: Daemon): Promise<Preseed> {
  if (preseed !== undefined) return withCertificate(parsePreseed(await readInput(preseed)));
  if (!process.stdin.isTTY) {
    throw new UsageError('nobody is there to ask: pass --preseed FILE, or "--preseed -" for standard input');
  }
  using asker = openTerminalAsker();
  const lookUpQuestions = async (token: string, address: string): Promise<readonly JoinQuestion[]> => {
    const base = ['join', '--data-dir', dataDir, '--token', token, '--address', address, '--questions'];
    const { memberConfig } = JSON.parse(await daemon.run(base)) as { memberConfig: JoinQuestion[] }; // our own daemon
    return memberConfig;
  };
  const ways = describeWays(dataDir, daemon, asker);
  const answers = await interview({ asker, host: detectHost(), lookUpQuestions, ways });
  if (await asker.yesNo('Would you like the YAML of a preseed with these answers to be printed?', false)) {
    process.stdout.write(formatPreseed(answers));
  }
  return answers;
}

const discovery = { lookupTimeout: 60, sessionTimeout: 3_600 };

function describeWays(dataDir: string, daemon: Daemon, asker: Asker): JoinWays {
  // It is not known yet where this host will be reached, and nobody is told.
  const base = ['join', '--data-dir', dataDir, '--address', 'localhost:8443'];
  return {
    async fetchFingerprint(addressOfMember) {
      return (
        await daemon.run([...base, '--address-of-member', addressOfMember, '--show-fingerprint'])
      ).trim();
    },
    async fetchToken({ name, addressOfMember, fingerprint, password }) {
      const member = ['--name', name, '--address-of-member', addressOfMember, '--fingerprint', fingerprint];
      return (
        await daemon.run([...base, '--trust-password-stdin', ...member, '--show-token'], password)
      ).trim();
    },
    async discoverToken(name, address) {
      const { discoverToken } = await import('../discovery/discover-token.ts');
      const askPassphrase = (question: string): Promise<string> => asker.secret(question);
      return discoverToken({ ...discovery, name, address, askPassphrase, tell: (line) => asker.tell(line) });
    },
  };
}

async function withCertificate(preseed: Preseed): Promise<Preseed> {
  const { cluster } = preseed;
  const file = cluster?.clusterCertificatePath;
  if (cluster === undefined || file === undefined || cluster.clusterCertificate !== undefined) return preseed;
  try {
    return { ...preseed, cluster: { ...cluster, clusterCertificate: await readFile(file, 'utf8') } };
  } catch (error) {
    throw new UsageError(`preseed: cannot read cluster.cluster_certificate_path ${file}`, { cause: error });
  }
}

async function readInput(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the preseed ${file}`, { cause: error });
  }
}
