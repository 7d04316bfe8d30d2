import { access, readFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { parseIdMap } from '../../id-map.ts';
import type { CgroupControllers, LxcHost } from './lxc-config.ts';

const seccompProfile = '/usr/share/lxc/config/common.seccomp';

/** Finds out once what this host offers to containers. */
export async function readLxcHost(): Promise<LxcHost> {
  const [subuid, subgid, mounts, unified, appArmor] = await Promise.all([
    readText('/etc/subuid'),
    readText('/etc/subgid'),
    readText('/proc/mounts'),
    readText('/sys/fs/cgroup/cgroup.controllers'),
    readText('/sys/module/apparmor/parameters/enabled'),
  ]);
  const hasProfile = await isThere(seccompProfile, constants.R_OK);
  const hasParser = await isThere('/sbin/apparmor_parser', constants.X_OK);
  return {
    idMap: parseIdMap(subuid, subgid),
    cgroups: parseCgroupControllers(mounts, unified),
    hasGeneratedAppArmor: appArmor.trim() === 'Y' && hasParser,
    ...(hasProfile ? { seccompProfile } : {}),
  };
}

/** A controller is either in a hierarchy of its own (v1) or in the unified one (v2), never in both. */
export function parseCgroupControllers(mounts: string, unifiedControllers: string): CgroupControllers {
  const legacy = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup')
    .flatMap(([, , , options = '']) => options.split(','));
  const unified = unifiedControllers.trim().split(/\s+/);
  const find = (name: string): 'v1' | 'v2' | undefined => {
    if (legacy.includes(name)) return 'v1';
    return unified.includes(name) ? 'v2' : undefined;
  };
  const cpu = find('cpu');
  const memory = find('memory');
  return { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return ''; // not there on this kind of host, which is an answer
  }
}

async function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
