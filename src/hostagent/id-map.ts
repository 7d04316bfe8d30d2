import { HostError } from './exec/host-error.ts';

/** A container's user and group 0 is `base` on the host, 1 is the next, and so on. */
export interface IdMap {
  readonly base: number;
  readonly count: number;
}

// The kernel's own users of an ordinary distribution: ids up to 65534 (nobody).
const fewestIds = 65_536;

/**
 * The range that belongs to root in both files. Users and groups get the same map, so that one number says who
 * a container's root is.
 */
export function parseIdMap(subuid: string, subgid: string): IdMap {
  const users = parseRanges(subuid);
  const groups = parseRanges(subgid);
  const both = users.find((user) => groups.some((group) => group.base === user.base));
  const group = groups.find(({ base }) => base === both?.base);
  const count = Math.min(both?.count ?? 0, group?.count ?? 0);
  if (both === undefined || count < fewestIds) {
    throw new HostError(
      'NotSupported',
      `finding ids for unprivileged containers: root needs the same range of at least ${fewestIds} ids in ` +
        '/etc/subuid and /etc/subgid; the line "root:1000000:1000000000" in both gives one',
    );
  }
  return { base: both.base, count };
}

function parseRanges(text: string): readonly IdMap[] {
  return text
    .split('\n')
    .map((line) => /^(?:root|0):(\d+):(\d+)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, base, count]) => ({ base: Number(base), count: Number(count) }));
}

/** The options of `lxc-usernsexec` that enter this map. */
export function usernsArgs({ base, count }: IdMap): readonly string[] {
  return ['-m', `u:0:${base}:${count}`, '-m', `g:0:${base}:${count}`];
}
