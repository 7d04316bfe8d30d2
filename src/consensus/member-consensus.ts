import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { createDeadline } from '../base/deadline.ts';
import { describeError } from '../base/describe-error.ts';
import type { Consensus, ConsensusOptions, NextDoor } from './consensus.ts';
import { ConsensusError } from './consensus-error.ts';
import { startEngine, type Engine } from './engine/engine.ts';
import { startLink, type Link } from './link/link.ts';
import type { FrontDoorRoutes } from './link/front-door.ts';
import type { HostPort } from './link/split-address.ts';
import { Departures } from './membership/departures.ts';
import { LeaveOffice } from './membership/leave-office.ts';
import type { Membership, PeerDirectory } from './membership/membership.ts';
import { mirrorPeers, readPeersFile } from './membership/peers-file.ts';
import { RaftMembership } from './membership/raft-membership.ts';
import { registerSelf } from './membership/register-self.ts';
import { StoredPeerDirectory } from './membership/stored-peer-directory.ts';
import { LeaderLink } from './peer/leader-link.ts';
import { defaultPeerTiming } from './peer/peer-connection.ts';
import { createPeerServer, type PeerServer } from './peer/peer-server.ts';
import type { DiskGauge } from './space/disk-gauge.ts';
import { gaugeOwnDisk } from './space/own-disk.ts';
import { SpaceGuard } from './space/space-guard.ts';
import { TargetHolder } from './store/commit-target.ts';
import { defaultCompactionLimits, type CompactionLimits } from './store/leading/compactor.ts';
import { LeadershipKeeper } from './store/leading/leadership-keeper.ts';
import { createLeadershipView } from './store/leadership-view.ts';
import { ReplicatedStore } from './store/replicated-store.ts';
import { StoreState } from './store/state/store-state.ts';
import { readStatistics } from './store/read-statistics.ts';
import type { Store, StoreStatistics } from './store/store.ts';
import { StoreCounters } from './store/store-counters.ts';
import { createTransactionIds } from './store/transaction-ids.ts';

const databaseName = 'dqlite';
const reserveName = 'reserve';
// Who belongs to the cluster, and who does no more.
const internalPrefix = '/muster/';
const defaultLatencyMs = 20; // the same as the engine's own default
const defaultPatienceMs = 3_000; // five elections
// A third of the shortest election: a new leader waits a lease out, but has seldom to wait for it alone.
const leaseLatencies = 5;
// A cluster of up to nine members has no second hop, which costs a millisecond and saves little there.
const defaultDirectSpares = 4;
const bootstrapLimitMs = 30_000;

/** Starts this member's part of the replicated store. Resolves when it serves, with or without a leader. */
export async function startConsensus(options: ConsensusOptions): Promise<Consensus> {
  const member = new MemberConsensus(options);
  try {
    await member.start();
  } catch (error) {
    await member.close();
    throw error;
  }
  return member;
}

class MemberConsensus implements Consensus {
  readonly store: Store;
  readonly apiSocketPath: string;
  readonly disk: DiskGauge;
  readonly #options: ConsensusOptions;
  readonly #state: StoreState;
  readonly #targets: TargetHolder;
  readonly #counters = new StoreCounters();
  readonly #departures: Departures;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #running: Running | undefined;
  #link: Link | undefined;
  #engine: Engine | undefined;
  #serveApi: FrontDoorRoutes['api'] | undefined;

  constructor(options: ConsensusOptions) {
    const { clock, dataDir, helperPath, timing, logger } = options;
    this.#options = options;
    this.apiSocketPath = join(dataDir, 'api.sock');
    this.disk = gaugeOwnDisk({
      databaseDir: join(dataDir, databaseName),
      reserveFile: join(dataDir, reserveName),
      ...{ helperPath, clock, logger },
    });
    this.#state = new StoreState(() => clock.monotonicMs());
    this.#departures = new Departures(clock);
    const targets = new TargetHolder(clock);
    this.#targets = targets;
    targets.subscribe(() => this.#counters.noteLeader(targets.current?.leader));
    this.store = new ReplicatedStore({
      ...{ clock, state: this.#state, targets, transactionIds: createTransactionIds() },
      readStatistics: () => this.#readStatistics(),
      leadership: createLeadershipView(this.#targets),
      leaderPatienceMs: timing?.leaderPatienceMs ?? defaultPatienceMs,
    });
  }

  get membership(): Membership {
    return this.#started.membership;
  }

  get port(): number {
    return this.#link?.port ?? this.#options.listen.port;
  }

  get helperPid(): number | undefined {
    return this.#started.engine.pid;
  }

  get #started(): Running {
    if (this.#running === undefined)
      throw new ConsensusError('Closed', 'using a member that has not started');
    return this.#running;
  }

  async start(): Promise<void> {
    const { dataDir, self, listen, clock, logger, bootstrap } = this.#options;
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const databaseDir = join(dataDir, databaseName);
    await refuseSecondBootstrap(databaseDir, this.#options);
    const peersPath = join(dataDir, 'peers.json');
    const known = await readPeersFile(peersPath);
    // What is known by itself is newer than what a joiner was told, also when it was told again.
    const start = [...this.#options.initialPeers, ...known, self].map((peer) => [peer.id, peer] as const);
    const peers = new StoredPeerDirectory([...new Map(start).values()]);
    const state = this.#state;
    const targets = this.#targets;
    this.#onClose(() => state.close());
    this.#onClose(() => targets.close());

    const link = await startLink(listen, this.#routes, clock);
    this.#link = link;
    this.#onClose(() => this.#link?.close());
    const latencyMs = this.#options.timing?.networkLatencyMs ?? defaultLatencyMs;
    const engine = await this.#startEngine(peers, latencyMs);
    this.#onClose(() => this.disk.close());
    await this.disk.start();

    const parts = this.#connect(engine, peers, latencyMs);
    peers.follow(state);
    this.#onClose(mirrorPeers(peersPath, peers, logger));
    parts.keeper.start();
    this.#onClose(() => parts.keeper.close());
    parts.leaderLink.start();
    this.#onClose(() => parts.leaderLink.close());

    const running = this.#takeOffice({ ...parts, engine, peers });
    this.#running = running;
    this.#onClose(() => running.office.handOver());
    const registration = registerSelf({ self, store: this.store, bootstrap, clock, logger });
    this.#onClose(() => registration.close());
    if (!bootstrap) return;
    using deadline = createDeadline(clock, bootstrapLimitMs, 'writing the first member of the cluster');
    await registration.done(deadline.signal);
  }

  /** Makes what follows the leader, or leads; nothing of it works yet. */
  #connect(engine: Engine, peers: PeerDirectory, latencyMs: number): Connected {
    const { self, tls, clock, logger } = this.#options;
    const { database } = engine;
    const state = this.#state;
    const targets = this.#targets;
    const keeper = new LeadershipKeeper({
      ...{ self, database, state, targets, clock, logger, counters: this.#counters },
      leaseMs: this.#options.timing?.readLeaseMs ?? latencyMs * leaseLatencies,
      compaction: this.#compactionLimits,
      findRefusal: (transaction, read) => this.#started.guard.findRefusal(transaction, read),
      restartNode: () => engine.restart(),
      isDiskFull: () => this.disk.report.level === 'full',
      isSpare: () => this.#options.isSpare?.(this.store) ?? false,
      isTold: () => engine.tellsLeader,
    });
    this.#onClose(engine.onLeader(() => keeper.lookNow()));
    const timing = defaultPeerTiming;
    const departures = this.#departures;
    this.#onClose(
      keeper.subscribe(() => {
        if (keeper.term === undefined) departures.clear();
      }),
    );
    const server = createPeerServer({
      ...{ tls, peers, state, clock, logger, timing, departures },
      term: () => keeper.term,
      leader: () => targets.current?.leader ?? peers.findById(keeper.databaseLeaderId ?? '')?.name,
      lookForTerm: () => keeper.look(),
      upstream: () => leaderLink.upstream,
      directSpares: this.#options.timing?.directSpares ?? defaultDirectSpares,
      onDiskLevels: () => this.#running?.guard.look(),
    });
    this.#onClose(() => server.close());
    const leaderLink: LeaderLink = new LeaderLink({
      ...{ self, tls, peers, state, targets, clock, logger, timing, random: Math.random },
      isLeading: () => keeper.term !== undefined,
      leaderHint: () => keeper.databaseLeaderId,
      subscribe: (changed) => keeper.subscribe(changed),
      onQuiet: () => {
        engine.stir();
        keeper.lookNow();
      },
      diskLevel: () => this.disk.report.level,
      onSpace: (level) => this.#running?.guard.inherit(level),
    });
    this.#onClose(this.disk.subscribe(() => leaderLink.tellDiskLevel()));
    this.#onClose(targets.subscribe(() => targets.current === undefined && engine.stir()));
    return { keeper, server, leaderLink };
  }

  #takeOffice({ engine, peers, keeper, server, leaderLink }: Connected & Wired): Running {
    const { self, clock, logger } = this.#options;
    const { database } = engine;
    const departures = this.#departures;
    const { store } = this;
    const heardMs = (): PeerServer['heardMs'] => server.heardMs;
    const membership = new RaftMembership({
      ...{ self, peers, store, database, keeper, departures, heardMs, clock, logger },
    });
    const guard = this.#guardSpace({ membership, keeper, server });
    this.#onClose(keeper.subscribe(() => guard.look()));
    this.#onClose(() => guard.close());
    const office = new LeaveOffice({
      ...{ self, membership, clock, logger },
      isLeading: () => store.leadership.leadingTerm !== undefined,
      followers: () => server.followers(),
      announce: (limitMs) => departures.announce(self.name, limitMs),
      tellLeader: (isElecting, signal) => leaderLink.leave(isElecting, signal),
    });
    return { engine, membership, keeper, server, guard, office };
  }

  async #startEngine(peers: PeerDirectory, networkLatencyMs: number): Promise<Engine> {
    const { dataDir, self, tls, helperPath, clock, logger } = this.#options;
    const engine = await startEngine({
      ...{ helperPath, directory: join(dataDir, databaseName), id: self.id, clock, logger },
      ...{ socketPath: join(dataDir, 'dqlite.sock'), raft: { tls, peers: peers.list() } },
      ...{ failureDomain: self.failureDomain, timing: { networkLatencyMs } },
      reserve: { file: join(dataDir, reserveName), onUse: () => this.disk.lookNow() },
    });
    this.#engine = engine;
    this.#onClose(() => engine.close());
    peers.subscribe(() => engine.updatePeers(peers.list()));
    return engine;
  }

  async listen(at: HostPort): Promise<NextDoor> {
    const next = await startLink(at, this.#routes, this.#options.clock);
    return {
      keep: async () => {
        const former = this.#link;
        this.#link = next;
        await former?.close();
      },
      close: () => next.close(),
    };
  }

  leave(): Promise<void> {
    return this.#started.office.leave();
  }

  onApiConnection(serve: FrontDoorRoutes['api']): void {
    this.#serveApi = serve;
  }

  /** While a part of the member starts or stops, clients see a closed connection and try again. */
  get #routes(): FrontDoorRoutes {
    return {
      api: (socket, remote) => {
        if (this.#serveApi === undefined) socket.destroy();
        else this.#serveApi(socket, remote);
      },
      peer: (socket) => {
        if (this.#running === undefined) socket.destroy();
        else this.#running.server.accept(socket);
      },
      raft: (socket, hello) => {
        if (this.#engine === undefined) socket.destroy();
        else this.#engine.acceptRaft(socket, hello);
      },
    };
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.#options.logger.warn(
          { cause: describeError(error) },
          'a part of the store did not stop cleanly',
        );
      }
    }
  }

  get #compactionLimits(): CompactionLimits {
    return { ...defaultCompactionLimits, ...this.#options.timing?.compaction };
  }

  #readStatistics(): StoreStatistics {
    return readStatistics({
      ...{ state: this.#state, counters: this.#counters, limits: this.#compactionLimits },
      nowMs: this.#options.clock.monotonicMs(),
      term: this.#targets.current?.term,
      disk: this.disk.report,
      leading: this.#running?.keeper.term,
    });
  }

  #guardSpace({ membership, keeper, server }: Pick<Running, 'keeper' | 'membership' | 'server'>): SpaceGuard {
    const { self, clock, logger, keptPrefixes } = this.#options;
    const { vital = [], telling = [] } = keptPrefixes ?? {};
    return new SpaceGuard({
      ...{ self, gauge: this.disk, clock, logger },
      prefixes: { vital: [internalPrefix, ...vital], telling },
      leadingSinceMs: () => keeper.term?.startedMs,
      announce: (level) => keeper.term?.feed.announceSpace(level),
      levels: () => server.diskLevels(),
      async listVoters(signal) {
        const nodes = await membership.listNodes(signal);
        return nodes.filter(({ role }) => role === 'voter').map(({ name }) => name);
      },
      handOver: (to, signal) => membership.transferLeadership(to, signal),
    });
  }

  /** Last started is first stopped. */
  #onClose(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }
}

interface Connected {
  readonly keeper: LeadershipKeeper;
  readonly server: PeerServer;
  readonly leaderLink: LeaderLink;
}

interface Wired {
  readonly engine: Engine;
  readonly peers: PeerDirectory;
}

interface Running {
  readonly engine: Engine;
  readonly membership: Membership;
  readonly keeper: LeadershipKeeper;
  readonly server: PeerServer;
  readonly guard: SpaceGuard;
  readonly office: LeaveOffice;
}

/** dqlite founds a new cluster on an empty directory of node 1, which after a loss of that directory would be a second one. */
async function refuseSecondBootstrap(databaseDir: string, options: ConsensusOptions): Promise<void> {
  if (options.bootstrap || options.self.id !== '1') return;
  try {
    await access(join(databaseDir, 'metadata1'));
  } catch (cause) {
    const doing = `starting without the database in ${databaseDir}, which this member had`;
    throw new ConsensusError('Closed', doing, { cause });
  }
}
