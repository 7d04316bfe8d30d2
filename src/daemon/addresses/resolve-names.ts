import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { parseAddress } from '../address.ts';

/** The IP addresses of those hosts of `host:port` that are names; none where a name cannot be resolved. */
export type NameResolver = (addresses: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;

// A name that moves is followed, but not asked for with every look at the host.
const askEveryMs = 15_000;

export function createNameResolver({ monotonicMs }: Pick<Clock, 'monotonicMs'>): NameResolver {
  const known = new Map<string, { readonly askedMs: number; readonly ips: readonly string[] }>();
  return async (addresses) => {
    const hosts = addresses.map(hostOf).filter((host) => host !== undefined && isIP(host) === 0);
    const answers = new Map<string, readonly string[]>();
    for (const host of hosts) {
      if (host === undefined) continue;
      const last = known.get(host);
      const isFresh = last !== undefined && monotonicMs() - last.askedMs < askEveryMs;
      const ips = isFresh ? last.ips : await ask(host);
      if (!isFresh) known.set(host, { askedMs: monotonicMs(), ips });
      answers.set(host, ips);
    }
    return answers;
  };
}

function hostOf(address: string): string | undefined {
  const parsed = parseAddress(address);
  return parsed.problem === undefined ? parsed.host : undefined;
}

async function ask(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // Told as "has no address", which is what it comes to.
  }
}
