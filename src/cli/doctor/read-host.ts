import { access, constants, mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { HostReading } from './judge-host.ts';

/** Program, and the Debian package that has it. */
const programs: readonly (readonly [string, string])[] = [
  ['lxc-start', 'lxc'],
  ['newuidmap', 'uidmap'],
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['dnsmasq', 'dnsmasq-base'],
  ['tar', 'tar'],
  ['xz', 'xz-utils'],
];
const syncRounds = 15;
const connectMs = 2_000;

/** Looks at this host; changes nothing but a file that it removes again. */
export async function readHost(dataDir: string): Promise<HostReading> {
  const member = await readMember(dataDir);
  const exists = await canRead(dataDir);
  return {
    isRoot: process.getuid?.() === 0,
    missingPackages: await findMissing(),
    hasUserNamespaces: await canRead('/proc/self/ns/user'),
    subordinateIds: await readSubordinateIds(),
    dataDir,
    freeBytes: exists ? await readFreeBytes(dataDir) : undefined,
    syncMs: exists ? await measureSync(dataDir).catch(() => undefined) : undefined,
    member,
    isListening: member === undefined ? undefined : await answers(member.address),
  };
}

async function findMissing(): Promise<readonly string[]> {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  const missing: string[] = [];
  for (const [program, debianPackage] of programs) {
    const places = folders.map((folder) => path.join(folder, program));
    const found = await Promise.all(places.map((place) => canRead(place, constants.X_OK)));
    if (!found.includes(true)) missing.push(debianPackage);
  }
  return missing;
}

async function readSubordinateIds(): Promise<number> {
  const text = await readFile('/etc/subuid', 'utf8').catch(() => '');
  const ranges = text.split('\n').map((line) => line.split(':'));
  return Math.max(0, ...ranges.filter(([user]) => user === 'root').map(([, , count]) => Number(count)));
}

async function readFreeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/** What the database waits for with every change: a few kilobytes and fdatasync. */
async function measureSync(dataDir: string): Promise<number> {
  const directory = path.join(dataDir, 'doctor');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path.join(directory, 'sync'), 'w');
    const times: number[] = [];
    for (let round = 0; round < syncRounds; round += 1) {
      const started = performance.now();
      await file.write(Buffer.alloc(4_096, round));
      await file.datasync();
      times.push(performance.now() - started);
    }
    await file.close();
    return times.toSorted((a, b) => a - b)[Math.floor(syncRounds / 2)] ?? 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readMember(dataDir: string): Promise<HostReading['member']> {
  try {
    const text = await readFile(path.join(dataDir, 'config.json'), 'utf8');
    const { name, address } = JSON.parse(text) as { name: string; address: string }; // musterd's own file
    return { name, address };
  } catch {
    return undefined; // No member here, or nothing that this user may see.
  }
}

function answers(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`https://${address}`);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 443),
      timeout: connectMs,
    });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

function canRead(file: string, mode = constants.R_OK): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
