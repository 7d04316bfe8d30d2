import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { requireConfig } from '../../src/daemon/config.ts';
import { ownFeatureLevels } from '../../src/api/feature-level.ts';
import { describeDataDir } from '../../src/daemon/data-dir.ts';
import { completeIdentity } from '../../src/daemon/pki/complete-identity.ts';
import { readIdentity } from '../../src/daemon/run/member-identity.ts';
import { findReleasePaths } from '../../src/daemon/run/paths.ts';
import { startMember, type RunningMember } from '../../src/daemon/run/run-member.ts';
import { readVersion } from '../../src/daemon/version.ts';
import { createClusterApi, type ClusterApiConnection } from '../../src/runtime/create-cluster-api.ts';
import { readKubeconfig } from '../../src/runtime/kubeconfig.ts';

const mainFile = path.join(import.meta.dirname, '../../src/daemon/main.ts');

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Members on this machine's loopback: prepared by the real command, run inside the test. No manifests are applied
 * by default, so that the host agent finds nothing to do on the host.
 */
export class DaemonCluster implements AsyncDisposable {
  readonly root: string;
  readonly #members = new Map<string, RunningMember>();
  readonly #connections: ClusterApiConnection[] = [];

  constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<DaemonCluster> {
    const root = await mkdtemp(path.join(tmpdir(), 'muster-daemon-'));
    await mkdir(path.join(root, 'no-manifests'));
    return new DaemonCluster(root);
  }

  dataDir(name: string): string {
    return path.join(this.root, name);
  }

  async init(name: string): Promise<CommandOutcome> {
    const address = `127.0.0.1:${await findFreePort()}`;
    const flags = ['--data-dir', this.dataDir(name), '--name', name, '--address', address, '--no-run'];
    return runMusterd(['init', ...flags]);
  }

  async join(
    directory: string,
    token: string,
    address?: string,
    more: readonly string[] = [],
  ): Promise<CommandOutcome> {
    const own = address ?? `127.0.0.1:${await findFreePort()}`;
    const flags = ['--data-dir', this.dataDir(directory), '--token', token, '--address', own, '--no-run'];
    return runMusterd(['join', ...flags, ...more]);
  }

  /** A token made by the command on the host of `member`. */
  async token(member: string, forName: string): Promise<string> {
    const { stdout, stderr, code } = await this.tryToken(member, forName);
    if (code !== 0) throw new Error(stderr);
    return stdout.trim();
  }

  tryToken(member: string, forName: string): Promise<CommandOutcome> {
    return runMusterd(['token', forName, '--data-dir', this.dataDir(member)]);
  }

  async start(name: string, manifests: readonly string[] = []): Promise<void> {
    const dataDir = describeDataDir(this.dataDir(name));
    await completeIdentity(dataDir, (await requireConfig(dataDir)).name, systemClock);
    const running = await startMember({
      ...{ dataDir, manifests, version: readVersion(), logger: silentLogger, drivers: 'real' },
      featureLevels: ownFeatureLevels,
      config: await requireConfig(dataDir),
      identity: await readIdentity(dataDir),
      paths: { ...findReleasePaths(), defaultManifests: path.join(this.root, 'no-manifests') },
      clock: systemClock,
      random: Math.random,
    });
    this.#members.set(name, running);
  }

  async stop(name: string): Promise<void> {
    const running = this.#members.get(name);
    this.#members.delete(name);
    await running?.stop();
  }

  /** As musterd stops when it is told to. */
  async leave(name: string): Promise<void> {
    await this.#members.get(name)?.leave();
    await this.stop(name);
  }

  async config(name: string) {
    return requireConfig(describeDataDir(this.dataDir(name)));
  }

  /** The API as the administrator reaches it through this member. */
  api(name: string): ClusterApiConnection {
    const clusterApi = createClusterApi(readKubeconfig(describeDataDir(this.dataDir(name)).adminKubeconfig));
    this.#connections.push(clusterApi);
    return clusterApi;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) await connection.close();
    for (const name of [...this.#members.keys()].reverse()) await this.stop(name);
    await rm(this.root, { recursive: true, force: true });
  }
}

export function runMusterd(args: readonly string[], input = ''): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainFile, ...args], { timeout: 30_000 });
    const texts = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, ...texts }));
    child.stdin.end(input);
  });
}

/** Polls until the answer is not undefined; the error says what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  limitMs = 15_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await systemClock.sleep(50);
  }
  throw new Error(`not in ${limitMs} ms: ${what}`, { cause: last });
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
