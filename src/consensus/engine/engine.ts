import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import path from 'node:path';
import { createInterface } from 'node:readline';

import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { ConsensusError } from '../consensus-error.ts';
import type { Peer } from '../membership/membership.ts';
import type { DatabaseClient } from './database.ts';
import { sendConnection, sendIdentity, sendMembers, type RaftIdentity } from './raft-door.ts';
import { createDatabaseClient } from './wire/connection.ts';

export interface EngineOptions {
  /** The compiled `muster-dqlite`. */
  readonly helperPath: string;
  /** Where dqlite keeps its log; created when missing. */
  readonly directory: string;
  readonly id: string;
  /** The helper's private socket. */
  readonly socketPath: string;
  /** Absent where nobody else votes: then the node speaks with no other. */
  readonly raft?: RaftIdentity;
  readonly failureDomain: number;
  /** The file that is given up when the disk is full, and who wants to know when that happens. */
  readonly reserve?: { readonly file: string; readonly onUse: () => void };
  readonly timing?: Partial<EngineTiming>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** dqlite derives its election timeout from the latency: 15 to 30 times. */
export interface EngineTiming {
  readonly networkLatencyMs: number;
  /** Entries between snapshots, and entries kept after one for followers that lag. */
  readonly snapshotThreshold: number;
  readonly snapshotTrailing: number;
  /** How long to wait for a helper whose musterd was killed and which is still stopping. */
  readonly lockWaitMs: number;
}

const defaultTiming: EngineTiming = {
  networkLatencyMs: 20, // a dead leader costs 0.4 s to 0.6 s; 5 ms would take a busy machine for a dead one
  // For a libdqlite with Raft inside: with others the helper counts bytes instead (native/upkeep.c). Up to both
  // together stay in memory, 4 kB to 300 kB each. A member that was away for longer than the trailing ones gets the
  // whole database. Always set together: trailing alone would mean a snapshot for each entry.
  snapshotThreshold: 512,
  snapshotTrailing: 1024,
  lockWaitMs: 11_000, // the helper's own limit for a stop, and a little
};

// Two to the shortest election timeout. Each wakes every process on its way: dqlite's own ten are most of
// what an idle cluster costs.
const heartbeatLatencies = 7;
const readyTimeoutMs = 30_000; // a large log is replayed before the node is ready
const stopTimeoutMs = 12_000; // longer than the helper's own limit, so that it can say what was wrong
const firstRestartMs = 200;
const maxRestartMs = 10_000;
const healthyMs = 30_000; // a helper that ran this long may be restarted at once again

/** The helper process with the dqlite node, kept running until `close`. */
export interface Engine {
  readonly database: DatabaseClient;
  /** Pid of the running helper; for tests that kill it. */
  readonly pid: number | undefined;
  /** Whether the node says by itself who leads; one with another Raft inside has to be asked. */
  readonly tellsLeader: boolean;
  /** Calls back each time the node says that another leads, or none. The answer unsubscribes. */
  onLeader(callback: () => void): () => void;
  /** Calls back each time the helper died unasked. The answer unsubscribes. */
  onExit(callback: () => void): () => void;
  /** Takes over a connection of another member's node, of which `hello` was read. */
  acceptRaft(socket: Socket, hello: Buffer): void;
  /** Replaces the directory; streams with members that are no longer in it end at once. */
  updatePeers(peers: readonly Peer[]): void;
  /** Another member may be gone: a node at rest looks at once whether it hears its leader. */
  stir(): void;
  /** Kills the helper, which then starts anew: the way out where the library itself does not go on. */
  restart(): void;
  close(): Promise<void>;
}

/** Resolves when the node accepts connections. Rejects with the helper's own sentence when it cannot start. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const supervisor = new EngineSupervisor(options);
  try {
    await supervisor.launch();
  } catch (error) {
    await supervisor.close();
    throw error;
  }
  return supervisor;
}

class EngineSupervisor implements Engine {
  readonly database: DatabaseClient;
  readonly #options: EngineOptions;
  readonly #exitCallbacks = new Set<() => void>();
  readonly #leaderCallbacks = new Set<() => void>();
  #raft: RaftIdentity | undefined;
  #child: ChildProcess | undefined;
  #cancelRestart: (() => void) | undefined;
  #restartMs = firstRestartMs;
  #readyAtMs: number | undefined;
  #tellsLeader = false;
  #closing = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#raft = options.raft;
    this.database = createDatabaseClient(options.socketPath);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get tellsLeader(): boolean {
    return this.#tellsLeader;
  }

  onLeader(callback: () => void): () => void {
    this.#leaderCallbacks.add(callback);
    return () => this.#leaderCallbacks.delete(callback);
  }

  onExit(callback: () => void): () => void {
    this.#exitCallbacks.add(callback);
    return () => this.#exitCallbacks.delete(callback);
  }

  /** Starts the helper and waits for its ready line. */
  async launch(): Promise<void> {
    const { logger, clock, helperPath } = this.#options;
    // The channel is for connections of other members: nothing else of Node can give one away.
    const child = spawn(helperPath, helperArguments(this.#options), {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    }) as ChildProcessByStdio<Writable, Readable, Readable>; // which is what three pipes make
    this.#child = child;
    child.stdin.on('error', () => undefined); // it has ended, and its end is what counts
    if (this.#raft !== undefined) sendIdentity(child, this.#raft);
    this.#readyAtMs = undefined;
    this.#tellsLeader = false;
    let complaint: string | undefined;
    createInterface({ input: child.stderr }).on('line', (line) => {
      complaint = line.replace(/^muster-dqlite: /, '');
      logger.warn({ helper: line }, 'the database helper complains');
    });
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.after(readyTimeoutMs, () => {
        child.kill('SIGKILL');
        reject(new ConsensusError('Timeout', `starting the database took more than ${readyTimeoutMs} ms`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"full"')) this.#options.reserve?.onUse();
        if (line.includes('"leader"')) this.#hearOfLeader(child);
        if (!line.includes('"ready"')) return;
        cancel();
        this.#readyAtMs = clock.monotonicMs();
        resolve();
      });
      child.once('error', (error) => {
        cancel();
        reject(new ConsensusError('Closed', `starting ${helperPath}`, { cause: error }));
      });
      child.once('close', (code, signal) => {
        cancel();
        const why = complaint ?? `it ended with ${signal ?? `code ${String(code)}`}`;
        reject(new ConsensusError('Closed', `starting the database: ${why}`));
        this.#ended(child);
      });
    });
    logger.debug({ pid: child.pid }, 'the database helper is ready');
  }

  acceptRaft(socket: Socket, hello: Buffer): void {
    if (this.#child === undefined) socket.destroy();
    else sendConnection(this.#child, socket, hello);
  }

  updatePeers(peers: readonly Peer[]): void {
    if (this.#raft === undefined) return;
    this.#raft = { ...this.#raft, peers };
    if (this.#child !== undefined) sendMembers(this.#child, peers);
  }

  stir(): void {
    this.#child?.stdin?.write('stir\n');
  }

  restart(): void {
    this.#child?.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#cancelRestart?.();
    const child = this.#child;
    // No pid: it could not even be started.
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { clock, logger } = this.#options;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(stopTimeoutMs, () => {
        logger.warn({ pid: child.pid }, 'the database helper did not stop in time and is killed');
        child.kill('SIGKILL');
      });
      child.once('close', () => {
        cancel();
        resolve();
      });
      child.stdin?.end();
    });
  }

  #hearOfLeader(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#tellsLeader = true;
    for (const callback of [...this.#leaderCallbacks]) callback();
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child || this.#closing) return;
    const { clock, logger } = this.#options;
    if (this.#readyAtMs !== undefined && clock.monotonicMs() - this.#readyAtMs > healthyMs) {
      this.#restartMs = firstRestartMs;
    }
    const fields = { code: child.exitCode, signal: child.signalCode, restartMs: this.#restartMs };
    logger.warn(fields, 'the database helper ended; restarting it');
    this.#tellsLeader = false;
    for (const callback of [...this.#exitCallbacks]) callback();
    this.#cancelRestart = clock.after(this.#restartMs, () => void this.#restart());
    this.#restartMs = Math.min(this.#restartMs * 2, maxRestartMs);
  }

  async #restart(): Promise<void> {
    try {
      await this.launch();
    } catch {
      // The helper's complaint is logged and its end has scheduled the next try.
    }
  }
}

function helperArguments(options: EngineOptions): string[] {
  const timing = { ...defaultTiming, ...options.timing };
  const values: Record<string, number | string> = {
    dir: path.resolve(options.directory),
    id: options.id,
    address: `member:${options.id}`,
    listen: options.socketPath,
    'latency-ms': timing.networkLatencyMs,
    'heartbeat-ms': timing.networkLatencyMs * heartbeatLatencies,
    'failure-domain': options.failureDomain,
    'snapshot-threshold': timing.snapshotThreshold,
    'snapshot-trailing': timing.snapshotTrailing,
    'lock-wait-ms': timing.lockWaitMs,
  };
  const flags = options.raft === undefined ? [] : ['--await-members'];
  const reserve = options.reserve === undefined ? [] : ['--reserve', options.reserve.file];
  return [
    'run',
    ...flags,
    ...reserve,
    ...Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ];
}
