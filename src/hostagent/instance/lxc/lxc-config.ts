import { HostError } from '../../exec/host-error.ts';
import type { InstanceLimits, InstanceSpec, NicSpec } from '../driver.ts';
import type { IdMap } from '../../id-map.ts';

/** What the generated configuration needs to know about the host and the member's own places. */
export interface LxcHost {
  readonly idMap: IdMap;
  readonly cgroups: CgroupControllers;
  readonly hasGeneratedAppArmor: boolean;
  readonly seccompProfile?: string;
}

/** Which hierarchy a controller is in; absent when the kernel offers none. */
export interface CgroupControllers {
  readonly cpu?: 'v1' | 'v2';
  readonly memory?: 'v1' | 'v2';
}

export interface LxcPlaces {
  /** Directory of this container: configuration, logs, state. */
  readonly directory: string;
  /** Program that puts the host's end of an interface on its bridge. */
  readonly attachNic: string;
  /** Unique on the machine, also when several members share its cgroups. */
  readonly cgroup: string;
}

const cpuPeriodUs = 100_000;

/** The whole configuration file of one container; nothing is included from elsewhere but the seccomp list. */
export function buildLxcConfig(spec: InstanceSpec, host: LxcHost, places: LxcPlaces): string {
  const { base, count } = host.idMap;
  const entries: readonly (readonly [string, string])[] = [
    ['lxc.uts.name', spec.hostname],
    ['lxc.rootfs.path', `dir:${spec.rootfs}`],
    ['lxc.idmap', `u 0 ${base} ${count}`],
    ['lxc.idmap', `g 0 ${base} ${count}`],
    ['lxc.autodev', '1'],
    ['lxc.tty.max', '0'],
    ['lxc.pty.max', '1024'],
    ['lxc.mount.auto', 'proc:mixed sys:mixed cgroup:mixed'],
    // Most of these mean nothing in a user namespace; dropped so that a program sees at once that it cannot.
    ['lxc.cap.drop', 'mac_admin mac_override sys_module sys_rawio sys_time'],
    ...(host.seccompProfile === undefined ? [] : [['lxc.seccomp.profile', host.seccompProfile] as const]),
    ...(host.hasGeneratedAppArmor
      ? ([
          ['lxc.apparmor.profile', 'generated'],
          ['lxc.apparmor.allow_nesting', '1'],
        ] as const)
      : []),
    ['lxc.cgroup.dir.monitor', `${places.cgroup}/monitor`],
    ['lxc.cgroup.dir.container', `${places.cgroup}/payload`],
    ...limitEntries(spec.limits, host.cgroups),
    ['lxc.console.logfile', `${places.directory}/console.log`],
    ['lxc.console.size', '1MB'],
    ...spec.nics.flatMap((nic, index) => nicEntries(nic, index, places.attachNic)),
    ...Object.entries(spec.environment).map(
      ([name, value]) => ['lxc.environment', `${name}=${value}`] as const,
    ),
  ];
  return entries.map((entry) => formatEntry(...entry)).join('');
}

function limitEntries(
  { cpuCount, memoryBytes }: InstanceLimits,
  { cpu, memory }: CgroupControllers,
): readonly (readonly [string, string])[] {
  const entries: (readonly [string, string])[] = [];
  if (memoryBytes !== undefined) {
    if (memory === undefined) throw notOffered('memory');
    entries.push(
      memory === 'v2'
        ? ['lxc.cgroup2.memory.max', `${memoryBytes}`]
        : ['lxc.cgroup.memory.limit_in_bytes', `${memoryBytes}`],
    );
  }
  if (cpuCount !== undefined) {
    if (cpu === undefined) throw notOffered('cpu');
    const quotaUs = Math.round(cpuCount * cpuPeriodUs);
    if (cpu === 'v2') entries.push(['lxc.cgroup2.cpu.max', `${quotaUs} ${cpuPeriodUs}`]);
    else {
      entries.push(['lxc.cgroup.cpu.cfs_period_us', `${cpuPeriodUs}`]);
      entries.push(['lxc.cgroup.cpu.cfs_quota_us', `${quotaUs}`]);
    }
  }
  return entries;
}

function notOffered(controller: string): HostError {
  return new HostError(
    'NotSupported',
    `limiting ${controller}: this host has no ${controller} cgroup controller`,
  );
}

function nicEntries(nic: NicSpec, index: number, attachNic: string): readonly (readonly [string, string])[] {
  const key = (name: string): string => `lxc.net.${index}.${name}`;
  return [
    [key('type'), 'veth'],
    [key('flags'), 'up'],
    [key('name'), nic.name],
    [key('hwaddr'), nic.hwaddr],
    [key('veth.pair'), nic.hostName],
    ...(nic.mtu === undefined ? [] : [[key('mtu'), `${nic.mtu}`] as const]),
    // Not `link`: liblxc looks for the bridge in /sys, which may show another network namespace than ours.
    [key('script.up'), `'${attachNic}' ${nic.bridge}`],
  ];
}

/** A line break in a value would be a second entry, written by whoever wrote the value. */
function formatEntry(key: string, value: string): string {
  if (/[\n\r\0]/.test(value))
    throw new HostError('NotSupported', `writing ${key}: its value has a line break`);
  return `${key} = ${value}\n`;
}

/** liblxc runs it with our bridge, then the container's name, `net`, `up`, `veth` and the host's interface. */
export const attachNicScript = `#!/bin/sh
exec ip link set dev "$6" master "$1" up
`;
