import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { removeHostLeftovers, stopInstances } from './host-leftovers.ts';
import { ensureHub, ensureMemberNetwork, removeNetworks } from './host-network.ts';
import {
  findMember,
  isInitialized,
  type MemberRuntime,
  runMusterd,
  startMember,
  stopMember,
} from './member-process.ts';
import { waitUntilServing } from './wait-until-serving.ts';
import { describeMember, type LabMember, type LabSpec } from './spec.ts';

export interface Lab {
  readonly spec: LabSpec;
  member(index: number): LabMember;
  /** Members that have a data directory, in order. */
  listMembers(): Promise<LabMember[]>;
  /** Starts what is there and forms or grows the cluster to `count` members. Repeating it changes nothing. */
  up(count: number, options?: UpOptions): Promise<void>;
  start(member: LabMember): Promise<void>;
  /** Makes one more member join through a running one. */
  add(joiner: LabMember, through: LabMember): Promise<void>;
  /** Ends every process of the lab, instances too, and removes its networks. The data stays. */
  down(): Promise<void>;
  /** `down`, then removes the data. */
  purge(): Promise<void>;
}

export interface UpOptions {
  /** Told what happens, for people. */
  readonly report?: (line: string) => void;
  /** Called before the first member runs: the place to put files into its data directory. */
  readonly prepare?: (member: LabMember) => Promise<void>;
}

export interface LabOptions extends LabSpec {
  /** Extra arguments of `musterd run` for one member. */
  readonly runArguments?: (member: LabMember) => readonly string[];
  /** Asked at every start; undefined starts musterd as users do. */
  readonly runtime?: (member: LabMember) => MemberRuntime | undefined;
}

export function createLab(options: LabOptions): Lab {
  const spec: LabSpec = {
    name: options.name,
    directory: path.resolve(options.directory),
    subnet: options.subnet,
  };
  const member = (index: number) => describeMember(spec, index);
  const start = (one: LabMember) =>
    startMember(one, options.runArguments?.(one) ?? [], options.runtime?.(one));

  async function listMembers(): Promise<LabMember[]> {
    const entries = await readdir(spec.directory, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && /^n\d+$/.test(entry.name))
      .map((entry) => Number(entry.name.slice(1)))
      .toSorted((a, b) => a - b)
      .map(member);
  }

  async function down(): Promise<void> {
    const members = await listMembers();
    await Promise.all(members.map(stopMember));
    await Promise.all(members.map(stopInstances));
    await removeHostLeftovers(spec, members);
    await removeNetworks(spec, { keepGuard: true });
  }

  return {
    spec,
    member,
    listMembers,
    start,
    down,

    async add(joiner, through) {
      await ensureMemberNetwork(spec, joiner);
      await join(through, joiner);
      await start(joiner);
    },

    async up(count, upOptions = {}) {
      const report = upOptions.report ?? (() => undefined);
      await mkdir(spec.directory, { recursive: true, mode: 0o755 });
      await ensureHub(spec);
      const members = Array.from({ length: count }, (_, index) => member(index + 1));
      for (const one of members) await ensureMemberNetwork(spec, one);

      const first = member(1);
      if (!isInitialized(first)) {
        await upOptions.prepare?.(first);
        await initialize(first);
        report(`${first.name}: formed a cluster`);
      }
      // Members that belong to the cluster start together: none of them can answer without a majority.
      const known = members.filter(isInitialized);
      const stopped = await Promise.all(known.map(async (one) => (await findMember(one)) === undefined));
      await Promise.all(known.map(start));
      if (stopped.includes(true)) report(`started ${known.map((one) => one.name).join(', ')}`);

      await waitUntilServing(first);
      const joining = members.filter((one) => !isInitialized(one));
      await Promise.all(
        joining.map(async (one) => {
          await join(first, one);
          await start(one);
          report(`${one.name}: joined`);
        }),
      );
    },

    async purge() {
      await down();
      await removeNetworks(spec, { keepGuard: false });
      await rm(spec.directory, { recursive: true, force: true });
    },
  };
}

async function initialize(member: LabMember): Promise<void> {
  await runMusterd(member, [
    'init',
    '--data-dir',
    member.dataDirectory,
    '--name',
    member.name,
    '--address',
    member.address,
    '--no-run',
  ]);
}

/** The token comes from a running member; the joiner checks everything before it changes anything. */
async function join(first: LabMember, joiner: LabMember): Promise<void> {
  const token = await runMusterd(first, ['token', joiner.name, '--data-dir', first.dataDirectory]);
  await runMusterd(joiner, [
    'join',
    '--data-dir',
    joiner.dataDirectory,
    '--address',
    joiner.address,
    '--token',
    token.trim(),
    '--no-run',
  ]);
}
