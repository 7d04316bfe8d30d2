import { exchangeCondition, memberExchangeCondition } from '../../api/authority.ts';
import { findCondition } from '../../api/conditions.ts';
import type { Cluster } from '../../api/generated/cluster.ts';
import type { Instance } from '../../api/generated/instance.ts';
import type { Member } from '../../api/generated/member.ts';
import type { Condition, KubernetesObject } from '../../api/meta.ts';
import { keyOf } from '../../api/resource.ts';
import { bad, good, warning, type Finding } from './finding.ts';

export interface ClusterReading {
  readonly cluster: Cluster | undefined;
  readonly members: readonly Member[];
  readonly instances: readonly Instance[];
  /** Pools, networks and images. */
  readonly others: readonly Conditioned[];
  /** The member's clock minus this host's, by name, as far as members could be asked. */
  readonly clockSkewMs: ReadonlyMap<string, number>;
  /** Members that do not answer from here, and why. */
  readonly unreachable: ReadonlyMap<string, string>;
}

export interface Conditioned extends KubernetesObject {
  readonly status?: { readonly conditions?: Condition[] | undefined } | undefined;
}

const skewLimitMs = 5_000; // as LXD warns
const namedAtMost = 10;

export function judgeCluster(reading: ClusterReading): readonly Finding[] {
  return [
    judgeQuorum(reading),
    ...judgeAuthority(reading),
    ...reading.members.map((member) => judgeMember(member, reading)),
    ...reading.members.flatMap(judgeAddresses),
    ...judgeDrift(reading),
  ];
}

function judgeQuorum({ cluster, members }: ClusterReading): Finding {
  const voters = members.filter(({ status }) => status?.databaseRole === 'voter');
  const online = voters.filter(({ status }) => status?.state !== 'Offline');
  const leader = cluster?.status?.leader ?? 'nobody';
  const survives = online.length - (Math.floor(voters.length / 2) + 1);
  const message = `${leader} leads; ${online.length} of ${voters.length} voters are online`;
  if (survives >= 1 || members.length < 3) return good('database', message);
  const help = 'bring the voters that are offline back: the loss of one more stops every change';
  return warning('database', message, help);
}

/** An exchange of the authority that goes on: who is missing, and what is left to people. */
function judgeAuthority({ cluster, members }: ClusterReading): readonly Finding[] {
  const missed = members.flatMap(({ metadata: { name }, status }) => {
    const said = findCondition(status, memberExchangeCondition);
    return said?.reason === 'Missed'
      ? [bad(`member ${name}`, said.message, `muster cluster remove --force ${name}`)]
      : [];
  });
  const { reason = '', message = '' } = findCondition(cluster?.status, exchangeCondition) ?? {};
  const help = exchangeHelp.get(reason);
  return help === undefined ? missed : [warning('authority', message, help), ...missed];
}

const exchangeHelp: ReadonlyMap<string, string> = new Map([
  [
    'Trusted',
    'it goes on when every member that is online has answered; "muster cluster rotate-authority --cancel" goes back',
  ],
  ['Signing', 'before that date: muster kubeconfig refresh, and muster auth add NAME --renew for each login'],
  ['Ended', 'bring the members back that are missing, or remove them: they still have to follow'],
  ['Returning', 'it goes on when every member that is online has answered'],
]);

function judgeMember({ metadata: { name }, status }: Member, reading: ClusterReading): Finding {
  const subject = `member ${name}`;
  const state = status?.state ?? 'Unknown';
  const problem = reading.unreachable.get(name);
  if (state === 'Offline' || state === 'Blocked' || state === 'Unknown') {
    const help =
      state === 'Blocked'
        ? 'its message says which release it needs'
        : `look at the log of musterd on ${name}`;
    return bad(subject, `${state}: ${status?.message ?? 'nothing is known of it'}`, help);
  }
  if (problem !== undefined) {
    return warning(subject, `Online, but not from here: ${problem}`, 'open its port towards this host');
  }
  const skewMs = reading.clockSkewMs.get(name) ?? 0;
  if (Math.abs(skewMs) > skewLimitMs) {
    const seconds = (skewMs / 1_000).toFixed(0);
    return warning(
      subject,
      `${state}; its clock is ${seconds} s off`,
      'run a time service (chrony, systemd-timesyncd)',
    );
  }
  return good(subject, `${state}: ${status?.message ?? ''}`);
}

/** Addresses that the member was told to serve at, and cannot; each says in its message what would help. */
function judgeAddresses({ metadata: { name }, status }: Member): readonly Finding[] {
  return ['Listening', 'VirtualAddress'].flatMap((type) => {
    const condition = findCondition(status, type);
    if (condition?.status !== 'False') return [];
    return [warning(`member ${name}`, condition.message, `kubectl describe member ${name}`)];
  });
}

/** What is not as it is wanted, said by the objects themselves. */
function judgeDrift({ instances, others }: ClusterReading): readonly Finding[] {
  const objects: readonly Conditioned[] = [...instances, ...others];
  const notReady = objects.flatMap((object) => {
    const ready = findCondition(object.status, 'Ready');
    return ready?.status === 'True' ? [] : [{ object, message: ready?.message ?? 'nothing is known of it' }];
  });
  if (notReady.length === 0) return [good('objects', `all ${objects.length} are as they are wanted`)];
  const findings = notReady.slice(0, namedAtMost).map(({ object, message }) => {
    const help = `kubectl describe ${object.kind.toLowerCase()} ${object.metadata.name}`;
    return warning(`${object.kind} ${keyOf(object)}`, message, help);
  });
  const more = notReady.length - findings.length;
  if (more === 0) return findings;
  return [...findings, warning('objects', `${more} more are not as they are wanted`, 'kubectl get all -A')];
}
