import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { InstanceSpec } from '../instance/driver.ts';
import type { LinkSpec, NetworkHost } from '../network/driver.ts';

/** A host that exists on paper only; the file of it outlives the process, as a real host does. */
export interface SimHost {
  readonly pools: Map<string, SimPool>;
  readonly networks: Map<string, SimNetwork>;
  readonly instances: Map<string, SimInstance>;
  /** The pid that the next start gets. */
  nextPid: number;
}

export interface SimPool {
  readonly name: string;
  readonly uid: string;
  readonly volumes: Record<string, string>;
}

export interface SimNetwork {
  readonly uid: string;
  link?: LinkSpec;
  firewallDigest?: string;
  serviceDigest?: string;
  forwardsIpv4: boolean;
  forwardsIpv6: boolean;
  readonly hosts: Record<string, NetworkHost>;
}

export interface SimInstance {
  spec: InstanceSpec;
  /** The definition with which it was started. */
  running?: InstanceSpec;
  pid?: number;
  startedAtMs?: number;
  stopRequestedAtMs?: number;
}

export interface SimStore {
  readonly host: SimHost;
  /** Writes down what `change` did, before anybody is told that it is done. */
  change<T>(change: (host: SimHost) => T): Promise<T>;
}

interface SimFile {
  readonly pools: Record<string, SimPool>;
  readonly networks: Record<string, SimNetwork>;
  readonly instances: Record<string, SimInstance>;
  readonly nextPid: number;
}

export function openSimStore(file: string): SimStore {
  const host = readSimHost(file);
  const queue = { last: Promise.resolve() };
  return {
    host,
    async change(change) {
      const result = change(host);
      // One after the other: an older copy must not replace a newer one.
      queue.last = queue.last.then(() => save(file, host));
      await queue.last;
      return result;
    },
  };
}

/** Whole or not at all, but not through to the disk: what is lost with the power was never there. */
async function save(file: string, host: SimHost): Promise<void> {
  await writeFile(`${file}.new`, formatSimHost(host));
  await rename(`${file}.new`, file);
}

function readSimHost(file: string): SimHost {
  const { pools, networks, instances, nextPid } = readSimFile(file);
  return {
    pools: new Map(Object.entries(pools)),
    networks: new Map(Object.entries(networks)),
    instances: new Map(Object.entries(instances)),
    nextPid,
  };
}

function readSimFile(file: string): SimFile {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SimFile; // written below
  } catch {
    // A new host; a simulated one that cannot be read is as good as new.
    return { pools: {}, networks: {}, instances: {}, nextPid: 1_000 };
  }
}

function formatSimHost({ pools, networks, instances, nextPid }: SimHost): string {
  const simFile: SimFile = {
    pools: Object.fromEntries(pools),
    networks: Object.fromEntries(networks),
    instances: Object.fromEntries(instances),
    nextPid,
  };
  return JSON.stringify(simFile);
}
