import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Peer } from '../../../src/consensus/membership/membership.ts';
import type { BenchCluster } from '../kit/bench-cluster.ts';
import type { EtcdCluster } from './etcd-cluster.ts';
import type { TlsTarget } from './http2-session.ts';
import { MemberClient, type MemberTarget } from './member-client.ts';
import type { WriteTarget } from './write-load.ts';

export type SystemKind = WriteTarget['kind'];

/** As tables and plots name them. */
export const systemNames: Readonly<Record<SystemKind, string>> = {
  etcd: 'etcd',
  store: "Muster's store",
  api: "Muster's API",
};

/** Both clusters on the same three hosts. */
export interface Systems {
  readonly muster: BenchCluster;
  readonly etcd: EtcdCluster;
}

/** The API of one member, as the administrator. */
export function apiTarget({ muster }: Pick<Systems, 'muster'>, index: number): TlsTarget {
  const member = memberAt(muster, index);
  const { server, caPem, certPem = '', keyPem = '' } = muster.endpoint(member);
  return { url: server, serverName: member.name, caPem, certPem, keyPem };
}

/** The member that leads our store, as an index like etcd's. */
export async function findOurLeader(systems: Pick<Systems, 'muster'>): Promise<number> {
  const client = await MemberClient.open(await memberTarget(systems, 0));
  try {
    const leader = await client.leader();
    return systems.muster.members.findIndex(({ name }) => name === leader);
  } finally {
    client.close();
  }
}

/** Writes go to whoever leads, in both: what a forward costs is no question of the store. */
export async function writeTarget(
  systems: Systems,
  kind: SystemKind,
  valueBytes: number,
): Promise<WriteTarget> {
  switch (kind) {
    case 'etcd':
      return { kind, at: systems.etcd.target(await systems.etcd.findLeader()), valueBytes };
    case 'store':
      return { kind, at: await memberTarget(systems, await findOurLeader(systems)), valueBytes };
    case 'api':
      return { kind, at: apiTarget(systems, await findOurLeader(systems)), valueBytes };
  }
}

/** Shows the key of another member, as a forwarding member does. */
async function memberTarget({ muster }: Pick<Systems, 'muster'>, index: number): Promise<MemberTarget> {
  const member = memberAt(muster, index);
  const other = memberAt(muster, (index + 1) % muster.members.length);
  const text = await readFile(path.join(member.dataDirectory, 'peers.json'), 'utf8');
  const peer = (JSON.parse(text) as readonly Peer[]).find(({ name }) => name === member.name); // our own file
  if (peer === undefined) throw new Error(`${member.name} does not know itself yet`);
  const file = (name: string): string => path.join(other.dataDirectory, name);
  return { peer, certFile: file('member.crt'), keyFile: file('member.key') };
}

function memberAt({ members }: BenchCluster, index: number): BenchCluster['members'][number] {
  const member = members[index];
  if (member === undefined) throw new Error(`there is no member ${index}`);
  return member;
}
