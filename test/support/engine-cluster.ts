import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { DatabaseConnection } from '../../src/consensus/engine/database.ts';
import { startEngine, type Engine } from '../../src/consensus/engine/engine.ts';
import { startLink, type Link } from '../../src/consensus/link/link.ts';
import type { Peer } from '../../src/consensus/membership/membership.ts';
import { createTestPki, type IssuedCertificate } from './certificates.ts';

export const helperPath = path.join(import.meta.dirname, '..', '..', 'build', 'muster-dqlite');

export interface EngineNode {
  readonly id: string;
  readonly directory: string;
  readonly engine: Engine;
  readonly link: Link;
  connect(): Promise<DatabaseConnection>;
}

export interface EngineCluster {
  readonly nodes: readonly EngineNode[];
  readonly peers: readonly Peer[];
  close(): Promise<void>;
}

export interface EngineClusterOptions {
  /** Certificates that members present instead of the ones that the others expect of them. */
  readonly impostors?: ReadonlyMap<string, IssuedCertificate>;
  /** When the certificates were made. */
  readonly issuedAtMs?: number;
  /** The address under which the others find the member that listens on `port`. */
  readonly publish?: (port: number) => Promise<string>;
}

/** Real helpers joined on loopback; the first one bootstraps, the others only listen. */
export async function startEngineCluster(
  size: number,
  options: EngineClusterOptions = {},
): Promise<EngineCluster> {
  const root = await mkdtemp(path.join(tmpdir(), 'muster-engine-'));
  const pki = await createTestPki(options.issuedAtMs);
  const certificates = await Promise.all(
    Array.from({ length: size }, (_, index) => pki.issueMember(`n${index + 1}`)),
  );
  const peers: Peer[] = [];
  const nodes: EngineNode[] = [];
  for (const [index, certificate] of certificates.entries()) {
    const id = String(index + 1);
    const directory = path.join(root, `n${id}`);
    const engine = await startEngine({
      helperPath,
      directory,
      id,
      socketPath: path.join(directory, 'engine.sock'),
      raft: { tls: options.impostors?.get(id) ?? certificate, peers: [] },
      failureDomain: 0,
      clock: systemClock,
      logger: silentLogger,
    });
    const drop = (socket: Socket): void => {
      socket.destroy();
    };
    const raft = (socket: Socket, hello: Buffer): void => engine.acceptRaft(socket, hello);
    const link = await startLink(
      { host: '127.0.0.1', port: 0 },
      { api: drop, peer: drop, raft },
      systemClock,
    );
    peers.push({
      id,
      name: `n${id}`,
      address: (await options.publish?.(link.port)) ?? `127.0.0.1:${link.port}`,
      publicKeySha256: certificate.publicKeySha256,
      failureDomain: 0,
    });
    nodes.push({
      id,
      directory,
      engine,
      link,
      connect: () => engine.database.connect(AbortSignal.timeout(5_000)),
    });
  }
  for (const { engine } of nodes) engine.updatePeers(peers);
  return {
    nodes,
    peers,
    async close() {
      await Promise.all(nodes.map(({ engine }) => engine.close()));
      await Promise.all(nodes.map(({ link }) => link.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}
