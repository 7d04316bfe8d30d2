import { chmod, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from './operator-error.ts';

/** Every file of a member that the daemon itself knows of. */
export interface DataDir {
  readonly root: string;
  readonly config: string;
  readonly clusterCert: string;
  readonly clusterKey: string;
  readonly memberCert: string;
  readonly memberKey: string;
  readonly controllerCert: string;
  /** There while the cluster's authority is exchanged for another one. */
  readonly exchange: string;
  readonly adminKubeconfig: string;
  readonly peers: string;
  readonly database: string;
  readonly apiSocket: string;
  readonly lockSocket: string;
}

// The kernel's limit for the path of a Unix socket, with its closing zero byte.
const socketPathBytes = 108;
const longestSocketName = 'dqlite.sock';

export function describeDataDir(dataDir: string): DataDir {
  const root = path.resolve(dataDir);
  const file = (name: string): string => path.join(root, name);
  return {
    root,
    config: file('config.json'),
    clusterCert: file('cluster.crt'),
    clusterKey: file('cluster.key'),
    memberCert: file('member.crt'),
    memberKey: file('member.key'),
    controllerCert: file('controller.crt'),
    exchange: file('authority-exchange.json'),
    adminKubeconfig: file('admin.kubeconfig'),
    peers: file('peers.json'),
    database: file('dqlite'),
    apiSocket: file('api.sock'),
    lockSocket: file('lock.sock'),
  };
}

/** Creates the directory for a new member, closed to other users; refuses one that already holds something. */
export async function createDataDir({ root }: DataDir): Promise<void> {
  const spare = socketPathBytes - 2 - longestSocketName.length;
  if (Buffer.byteLength(root) > spare) {
    throw new OperatorError(
      `the path of the data directory may have ${spare} bytes at most, and ${root} is longer`,
    );
  }
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await chmod(root, 0o700);
  } catch (error) {
    throw new OperatorError(`cannot create the data directory ${root}`, { cause: error });
  }
}

/** What people put there, or want to keep; it is there before a member, and stays after it. */
const peoplesEntries = ['import', 'audit', 'audit-policy.yaml', 'lost+found'];

/**
 * What must not be taken over. Images may wait in `import/` before there is a member, and the small files of an
 * attempt that was interrupted are written anew; a database, or what other programs put there, is not ours to touch.
 */
export async function findForeignEntry(dataDir: DataDir): Promise<string | undefined> {
  const ours = [
    dataDir.clusterCert,
    dataDir.clusterKey,
    dataDir.memberCert,
    dataDir.memberKey,
    dataDir.controllerCert,
    dataDir.exchange,
  ];
  const files = [...ours, dataDir.adminKubeconfig, dataDir.lockSocket].map((file) => path.basename(file));
  const harmless = new Set([...peoplesEntries, ...files, ...files.map((file) => `${file}.new`)]);
  return (await readdir(dataDir.root)).find((name) => !harmless.has(name));
}

/**
 * Removes every file that a member makes, the configuration and the keys last: until then a start goes on where this
 * was cut short. Answers what is left, which is not ours.
 */
export async function clearDataDir(dataDir: DataDir): Promise<readonly string[]> {
  const { root, config, clusterCert, clusterKey, memberCert, memberKey, controllerCert, exchange } = dataDir;
  const last = [config, clusterCert, clusterKey, memberCert, memberKey, controllerCert, exchange];
  const lastNames = last.map((file) => path.basename(file));
  for (const name of await readdir(root)) {
    if (lastNames.includes(name)) continue;
    const entry = path.join(root, name);
    // Whoever made an instance or a pool has removed it; a directory that is still in these is somebody's.
    if (name === 'instances' || name === 'pools') await removeFilesAndSelf(entry);
    else if (ownEntry.test(name)) await rm(entry, { recursive: true, force: true });
  }
  for (const file of last) await rm(file, { force: true });
  const kept = new Set([...peoplesEntries, path.basename(dataDir.lockSocket)]);
  return (await readdir(root)).filter((name) => !kept.has(name));
}

async function removeFilesAndSelf(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries) if (!entry.isDirectory()) await rm(path.join(directory, entry.name));
  if (entries.every((entry) => !entry.isDirectory())) await rmdir(directory);
}

const ownEntry =
  /^(admin\.kubeconfig|peers\.json|reserve|database\.id|sim\.json|images|records|networks|(api|peer|dial|dqlite)\.sock|dqlite(\..+)?|.+\.new)$/;
