import type { InstanceAddress } from '../driver.ts';

export interface LxcInfo {
  /** As liblxc names it: `RUNNING`, `STOPPED`, `STARTING`, `STOPPING`, `ABORTING`, `FROZEN`, ... */
  readonly state: string;
  readonly pid?: number;
}

/** Reads `lxc-info --state --pid`. */
export function parseLxcInfo(text: string): LxcInfo {
  const state = /^State:\s*(\w+)/m.exec(text)?.[1] ?? 'STOPPED';
  const pid = Number(/^PID:\s*(\d+)/m.exec(text)?.[1]);
  return Number.isSafeInteger(pid) && pid > 0 ? { state, pid } : { state };
}

/** The first reason in liblxc's own log; what follows it is only the way back up. */
export function parseLxcFailure(log: string): string | undefined {
  const line = log.split('\n').find((candidate) => / ERROR /.test(candidate));
  if (line === undefined) return undefined;
  return line.replace(/^.*? ERROR\s+\S+ - \S+ - /, '').trim();
}

interface IpInterface {
  readonly ifname?: string;
  readonly addr_info?: readonly {
    readonly family?: string;
    readonly local?: string;
    readonly scope?: string;
  }[];
}

/** Reads `ip -j addr`. Link-local addresses exist before anything is configured: they say nothing. */
export function parseAddresses(text: string): readonly InstanceAddress[] {
  const interfaces = JSON.parse(text) as readonly IpInterface[]; // iproute2's own form
  return interfaces.flatMap(({ ifname, addr_info: entries = [] }) =>
    entries.flatMap(({ family, local, scope }) => {
      if (ifname === undefined || ifname === 'lo' || local === undefined || scope !== 'global') return [];
      if (family !== 'inet' && family !== 'inet6') return [];
      return [{ interface: ifname, family, address: local }];
    }),
  );
}
