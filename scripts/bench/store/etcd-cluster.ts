import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { onHostOf } from '../../lab/member-process.ts';
import { runCommand } from '../../lab/run-command.ts';
import type { LabMember } from '../../lab/spec.ts';
import { sampleProcesses, type ProcessUsage } from '../kit/sample-processes.ts';
import { EtcdClient } from './etcd-client.ts';
import type { TlsTarget } from './http2-session.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const program = path.join(root, 'build', 'etcd', 'usr', 'bin', 'etcd');
const clientPort = 2379;
const peerPort = 2380;
const readyLimitMs = 30_000;

/** Three etcd on the hosts of three members: same network, same disk, same certificates. */
export interface EtcdCluster {
  target(index: number): TlsTarget;
  findLeader(): Promise<number>;
  usage(index: number): Promise<ProcessUsage>;
  kill(index: number): void;
  start(index: number): void;
  waitUntilReady(): Promise<void>;
  close(): void;
}

/** Unpacked, not installed: an installed package would start an etcd of its own. */
export async function fetchEtcd(report: (line: string) => void): Promise<void> {
  if (existsSync(program)) return;
  report('fetching the Debian package etcd-server');
  await mkdir(path.join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(path.join(root, 'build', 'etcd-'));
  const script = 'cd "$0" && apt-get download -q etcd-server && dpkg-deb -x etcd-server_*.deb .';
  await runCommand('sh', ['-c', script, folder], { timeoutMs: 120_000 });
  await rename(folder, path.join(root, 'build', 'etcd'));
}

export async function startEtcdCluster(
  members: readonly LabMember[],
  directory: string,
): Promise<EtcdCluster> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const children = new Map<number, ChildProcess>();
  const memberAt = (index: number): LabMember => {
    const member = members[index];
    if (member === undefined) throw new Error(`there is no host ${index}`);
    return member;
  };
  const target = (index: number): TlsTarget => {
    const { ipAddress, name, dataDirectory } = memberAt(index);
    const read = (base: string): string => readFileSync(path.join(dataDirectory, base), 'utf8');
    return {
      ...{ url: `https://${ipAddress}:${clientPort}`, serverName: name },
      ...{ caPem: read('cluster.crt'), certPem: read('member.crt'), keyPem: read('member.key') },
    };
  };
  const start = (index: number): void => {
    const member = memberAt(index);
    const log = openSync(path.join(directory, `${member.name}.log`), 'a');
    const [command, ...args] = onHostOf(member, [program, ...flagsOf(member, members, directory)]);
    children.set(index, spawn(command, args, { stdio: ['ignore', log, log] }));
  };
  const pidOf = (index: number): number => {
    const pid = children.get(index)?.pid;
    if (pid === undefined) throw new Error(`etcd on host ${index} does not run`);
    return pid;
  };
  const cluster: EtcdCluster = {
    target,
    start,
    async findLeader() {
      for (const index of members.keys()) {
        const client = new EtcdClient(target(index));
        const leads = await client.leads().finally(() => client.close());
        if (leads) return index;
      }
      throw new Error('no etcd leads');
    },
    usage: (index) => sampleProcesses([pidOf(index)]),
    kill: (index) => void process.kill(pidOf(index), 'SIGKILL'),
    async waitUntilReady() {
      const endMs = performance.now() + readyLimitMs;
      for (const index of members.keys()) await waitForPut(target(index), endMs);
    },
    close() {
      for (const child of children.values()) child.kill('SIGKILL');
    },
  };
  for (const index of members.keys()) start(index);
  await cluster.waitUntilReady();
  return cluster;
}

async function waitForPut(target: TlsTarget, endMs: number): Promise<void> {
  for (;;) {
    const client = new EtcdClient(target);
    try {
      await client.put('ready', Buffer.from('yes'), 1_000);
      return;
    } catch (cause) {
      if (performance.now() > endMs) throw new Error(`etcd at ${target.url} does not answer`, { cause });
      await delay(100);
    } finally {
      client.close();
    }
  }
}

/** Defaults of etcd but for its addresses and certificates. */
function flagsOf(member: LabMember, all: readonly LabMember[], directory: string): string[] {
  const file = (base: string): string => path.join(member.dataDirectory, base);
  const clientUrl = `https://${member.ipAddress}:${clientPort}`;
  const peerUrl = `https://${member.ipAddress}:${peerPort}`;
  const tls = (prefix: string): Record<string, string> => ({
    [`${prefix}cert-file`]: file('member.crt'),
    [`${prefix}key-file`]: file('member.key'),
    [`${prefix}trusted-ca-file`]: file('cluster.crt'),
    [`${prefix}client-cert-auth`]: 'true',
  });
  const flags: Record<string, string> = {
    name: member.name,
    'data-dir': path.join(directory, member.name),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': all.map(({ name, ipAddress }) => `${name}=https://${ipAddress}:${peerPort}`).join(','),
    'initial-cluster-state': 'new',
    logger: 'zap',
    ...tls(''),
    ...tls('peer-'),
  };
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
