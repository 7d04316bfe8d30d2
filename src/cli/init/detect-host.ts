import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type { HostDefaults } from './addresses.ts';

/** What the questions offer as defaults. */
export function detectHost(): HostDefaults {
  const name = hostname().split('.')[0]?.toLowerCase() ?? 'member';
  return { name, address: findPrimaryAddress() };
}

/** The address of the interface with the default route; without one, the first that is not loopback. */
function findPrimaryAddress(): string {
  const byInterface = Object.entries(networkInterfaces());
  const primary = readDefaultInterface();
  const sorted = byInterface.toSorted(([a], [b]) => Number(b === primary) - Number(a === primary));
  const addresses = sorted.flatMap(([, found = []]) => found).filter(({ internal }) => !internal);
  const best = addresses.find(({ family }) => family === 'IPv4') ?? addresses[0];
  return best?.address ?? '127.0.0.1';
}

function readDefaultInterface(): string | undefined {
  const lines = readFileSync('/proc/net/route', 'utf8').split('\n').slice(1);
  const rows = lines.map((line) => line.split('\t'));
  return rows.find(([, destination]) => destination === '00000000')?.[0];
}
