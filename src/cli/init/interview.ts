import { findNameProblem } from '../../runtime/issue-join-token.ts';
import { checkAddress, withPort, type HostDefaults } from './addresses.ts';
import type { Asker } from './asker.ts';
import { askForJoinToken, type JoinWays } from './join-ways.ts';
import {
  emptyPreseed,
  type Preseed,
  type PreseedMemberConfig,
  type PreseedNetwork,
  type PreseedPool,
} from './preseed.ts';

/** One setting that a host may choose for itself when it joins. */
export interface JoinQuestion extends PreseedMemberConfig {
  readonly description: string;
}

export interface InterviewDeps {
  readonly asker: Asker;
  readonly host: HostDefaults;
  /** Asks the cluster of the token what this host has to decide; nothing is changed by it. */
  readonly lookUpQuestions: (token: string, address: string) => Promise<readonly JoinQuestion[]>;
  readonly ways: JoinWays;
}

/** LXD's questions about a cluster, as far as there is something to decide here; the answers are a preseed. A pool, a network and a profile
 * that uses both are there from the start: what is asked about them is how they are made on this host. */
export async function interview(deps: InterviewDeps): Promise<Preseed> {
  const { asker, host } = deps;
  const answer = await asker.text('What IP address or DNS name should be used to reach this server?', {
    byDefault: host.address,
    check: checkAddress,
  });
  const address = withPort(answer, 'the address');
  if (await asker.yesNo('Are you joining an existing cluster?', false)) {
    return interviewJoiner(deps, address);
  }
  const serverName = await asker.text(
    'What member name should be used to identify this server in the cluster?',
    { byDefault: host.name, check: findNameProblem },
  );
  return {
    ...emptyPreseed,
    config: { 'cluster.https_address': address },
    cluster: { enabled: true, serverName, memberConfig: [] },
    storagePools: [await askForPool(asker)],
    networks: [await askForNetwork(asker)],
  };
}

async function askForPool(asker: Asker): Promise<PreseedPool> {
  const driver = await asker.text('Name of the storage backend to use for the pool "local" (dir)', {
    byDefault: 'dir',
    check: (name) => (name === 'dir' ? undefined : `"${name}" is not served by this release; there is dir`),
  });
  const source = await asker.text('Directory for the pool ("own" keeps it with the rest of the data)', {
    byDefault: 'own',
    check: (path) =>
      path === 'own' || path.startsWith('/') ? undefined : 'name it from the root, such as /srv/muster',
  });
  return { name: 'local', driver, config: source === 'own' ? {} : { source } };
}

async function askForNetwork(asker: Asker): Promise<PreseedNetwork> {
  const address = await asker.text(
    'What IPv4 subnet should the bridge "musterbr0" have (CIDR of the gateway, "auto" or "none")?',
    {
      byDefault: 'auto',
      check: (text) =>
        /^(auto|none|\d+\.\d+\.\d+\.\d+\/\d+)$/.test(text)
          ? undefined
          : 'write the gateway with its prefix, such as 10.20.30.1/24, or auto, or none',
    },
  );
  return { name: 'musterbr0', type: 'bridge', config: { 'ipv4.address': address } };
}

async function interviewJoiner(deps: InterviewDeps, serverAddress: string): Promise<Preseed> {
  const { asker, lookUpQuestions } = deps;
  const clusterToken = await askForJoinToken(deps, serverAddress);
  const memberConfig: PreseedMemberConfig[] = [];
  for (const question of await lookUpQuestions(clusterToken, serverAddress)) {
    const { description, ...entry } = question;
    const value = await asker.text(`Choose ${description}`, { byDefault: question.value });
    memberConfig.push({ ...entry, value });
  }
  return { ...emptyPreseed, cluster: { enabled: true, serverAddress, clusterToken, memberConfig } };
}
