import { bad, good, warning, type Finding } from './finding.ts';

/** What was read of this host; undefined where it could not be. */
export interface HostReading {
  readonly isRoot: boolean;
  /** Programs that were looked for, and the Debian package of each that is missing. */
  readonly missingPackages: readonly string[];
  readonly hasUserNamespaces: boolean;
  /** Ids that root may hand out, from /etc/subuid. */
  readonly subordinateIds: number;
  readonly dataDir: string;
  readonly freeBytes: number | undefined;
  /** Median time that a small write needs to reach the disk. */
  readonly syncMs: number | undefined;
  /** The member of the data directory, if there is one. */
  readonly member: { readonly name: string; readonly address: string } | undefined;
  /** Whether its port answers. */
  readonly isListening: boolean | undefined;
}

const idsOfAContainer = 65_536;
const gibibyte = 1024 ** 3;
const slowSyncMs = 20;
const tooSlowSyncMs = 100;

export function judgeHost(host: HostReading): readonly Finding[] {
  return [
    judgeRights(host),
    judgePackages(host),
    judgeContainers(host),
    ...judgeSpace(host),
    ...judgeDisk(host),
    judgeMember(host),
  ];
}

function judgeRights({ isRoot }: HostReading): Finding {
  return isRoot
    ? good('rights', 'running as root')
    : warning('rights', 'not running as root: some looks see less', 'run it as root');
}

function judgePackages({ missingPackages }: HostReading): Finding {
  if (missingPackages.length === 0) return good('packages', 'every program that members need is there');
  const names = missingPackages.join(' ');
  return bad('packages', `missing: ${names}`, `apt-get install ${names}`);
}

function judgeContainers({ hasUserNamespaces, subordinateIds }: HostReading): Finding {
  if (!hasUserNamespaces) {
    const help = 'boot a kernel with CONFIG_USER_NS, and allow it: sysctl user.max_user_namespaces';
    return bad('containers', 'the kernel gives no user namespaces, so that no container can start', help);
  }
  if (subordinateIds < idsOfAContainer) {
    const help = 'add "root:1000000:1000000000" to /etc/subuid and /etc/subgid';
    return bad(
      'containers',
      `root may hand out ${subordinateIds} ids, and a container needs ${idsOfAContainer}`,
      help,
    );
  }
  return good('containers', 'user namespaces and ids are there');
}

function judgeSpace({ freeBytes, dataDir }: HostReading): readonly Finding[] {
  if (freeBytes === undefined) return [];
  const free = `${(freeBytes / gibibyte).toFixed(1)} GiB free in ${dataDir}`;
  if (freeBytes > 2 * gibibyte) return [good('space', free)];
  const help = 'make room: a member whose disk is full cannot take part in the database';
  return [freeBytes < gibibyte / 4 ? bad('space', free, help) : warning('space', free, help)];
}

function judgeDisk({ syncMs }: HostReading): readonly Finding[] {
  if (syncMs === undefined) return [];
  const message = `a small write needs ${syncMs.toFixed(1)} ms to reach the disk`;
  if (syncMs < slowSyncMs) return [good('disk', message)];
  const help = 'every change of the cluster waits for it: put the data directory on a faster disk';
  return [syncMs < tooSlowSyncMs ? warning('disk', message, help) : bad('disk', message, help)];
}

function judgeMember({ member, isListening, dataDir }: HostReading): Finding {
  if (member === undefined) {
    return {
      subject: 'member',
      state: 'unknown',
      message: `${dataDir} holds no member; "muster init" makes one`,
    };
  }
  const { name, address } = member;
  if (isListening === true) return good('member', `${name} answers on ${address}`);
  const help = `start it: systemctl start muster, or musterd run --data-dir ${dataDir}; its log says why it ended`;
  return bad('member', `${name} does not answer on ${address}`, help);
}
