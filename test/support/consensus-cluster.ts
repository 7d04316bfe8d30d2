import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import type { Consensus, ConsensusTiming } from '../../src/consensus/consensus.ts';
import { startConsensus } from '../../src/consensus/member-consensus.ts';
import type { Peer } from '../../src/consensus/membership/membership.ts';
import { createTestPki, type IssuedCertificate, type TestPki } from './certificates.ts';
import { helperPath } from './engine-cluster.ts';

export interface ConsensusMember {
  readonly self: Peer;
  readonly dataDir: string;
  /** The running part; undefined after `stop`. */
  readonly consensus: Consensus;
  stop(): Promise<void>;
  /** Starts it again on its data. */
  restart(): Promise<void>;
  /** Starts it again on its data, at another address. */
  move(): Promise<void>;
}

/** Puts a file system of its own where a member is to keep its data. The answer takes it away. */
export type MountDisk = (directory: string) => Promise<() => Promise<void>>;

interface ClusterOptions {
  readonly timing?: ConsensusTiming;
  readonly logger?: Logger;
  readonly mount?: MountDisk;
}

/** Real members of one cluster, in this process, on loopback. */
export class ConsensusCluster {
  readonly members: ConsensusMember[] = [];
  readonly #root: string;
  readonly #pki: TestPki;
  readonly #timing: ConsensusTiming;
  readonly #logger: Logger;
  readonly #mount: MountDisk | undefined;
  readonly #unmounts: (() => Promise<void>)[] = [];

  private constructor(
    root: string,
    pki: TestPki,
    { timing = {}, logger = silentLogger, mount }: ClusterOptions,
  ) {
    this.#root = root;
    this.#pki = pki;
    this.#timing = timing;
    this.#logger = logger;
    this.#mount = mount;
  }

  static async start(
    size: number,
    timing: ConsensusTiming = {},
    logger: Logger = silentLogger,
    mount?: MountDisk,
  ): Promise<ConsensusCluster> {
    const root = await mkdtemp(path.join(tmpdir(), 'muster-store-'));
    const cluster = new ConsensusCluster(root, await createTestPki(), {
      ...{ timing, logger },
      ...(mount === undefined ? {} : { mount }),
    });
    try {
      await cluster.#found();
      while (cluster.members.length < size) await cluster.join();
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The member that leads, once one does. */
  async leader(): Promise<ConsensusMember> {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const leading = this.members.find((member) => isLeading(member));
      if (leading !== undefined) return leading;
      await systemClock.sleep(25);
    }
    throw new Error('no member leads after 10 s');
  }

  async follower(): Promise<ConsensusMember> {
    const leader = await this.leader();
    const follower = this.members.find((member) => member !== leader && isRunning(member));
    if (follower === undefined) throw new Error('no other member runs');
    return follower;
  }

  /** Adds a spare; roles are for the test to assign. */
  async join(): Promise<ConsensusMember> {
    const id = String(this.members.length + 1);
    const { self, certificate } = await this.#prepare(id);
    const leader = await this.leader();
    await leader.consensus.membership.add(self, AbortSignal.timeout(10_000));
    const peers = leader.consensus.membership.peers.list();
    const member = this.#createMember(self, certificate, peers);
    await member.restart();
    this.members.push(member);
    return member;
  }

  /** Makes all members voters. */
  async promoteAll(): Promise<void> {
    for (const { self } of this.members) {
      const leader = await this.leader();
      await leader.consensus.membership.assignRole(self.name, 'voter', AbortSignal.timeout(10_000));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.members.filter(isRunning).map((member) => member.stop()));
    for (const unmount of this.#unmounts) await unmount();
    await rm(this.#root, { recursive: true, force: true });
  }

  async #found(): Promise<void> {
    const { self, certificate } = await this.#prepare('1');
    const member = this.#createMember(self, certificate, []);
    await member.restart();
    this.members.push(member);
  }

  async #prepare(id: string): Promise<{ readonly self: Peer; readonly certificate: IssuedCertificate }> {
    const name = `n${id}`;
    if (this.#mount !== undefined) this.#unmounts.push(await this.#mount(path.join(this.#root, name)));
    const certificate = await this.#pki.issueMember(name);
    const { publicKeySha256 } = certificate;
    const address = `127.0.0.1:${await findFreePort()}`;
    return { self: { id, name, address, publicKeySha256, failureDomain: 0 }, certificate };
  }

  #createMember(first: Peer, certificate: IssuedCertificate, initialPeers: readonly Peer[]): ConsensusMember {
    let self = first;
    const dataDir = path.join(this.#root, self.name);
    const timing = this.#timing;
    const logger = this.#logger.child({ member: self.name });
    let bootstrap = self.id === '1';
    let running: Consensus | undefined;
    return {
      get self() {
        return self;
      },
      dataDir,
      get consensus() {
        if (running === undefined) throw new Error(`${self.name} is stopped`);
        return running;
      },
      async stop() {
        const stopping = running;
        running = undefined;
        await stopping?.close();
      },
      async restart() {
        const listen = { host: '127.0.0.1', port: Number(self.address.split(':')[1]) };
        const options = { dataDir, self, tls: certificate, listen, initialPeers, bootstrap, helperPath };
        running = await startConsensus({ ...options, timing, clock: systemClock, logger });
        bootstrap = false;
      },
      async move() {
        self = { ...self, address: `127.0.0.1:${await findFreePort()}` };
        await this.restart();
      },
    };
  }
}

export function isRunning(member: ConsensusMember): boolean {
  try {
    return member.consensus.port > 0;
  } catch {
    return false;
  }
}

function isLeading(member: ConsensusMember): boolean {
  return isRunning(member) && member.consensus.store.leadership.leadingTerm !== undefined;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
