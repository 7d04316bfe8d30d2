import { dump, load } from 'js-yaml';
import { text as readAll } from 'node:stream/consumers';
import { describeError } from '../../../base/describe-error.ts';
import { openEditor } from '../../../base/open-editor.ts';
import { writePeersFile } from '../../../consensus/membership/peers-file.ts';
import type { LogSummary } from '../../../consensus/recovery/read-log.ts';
import { writeConfig } from '../../config.ts';
import { OperatorError } from '../../operator-error.ts';
import { tell } from '../../tell.ts';
import { confirmOrAbort } from './confirm.ts';
import { judgeEdit, type EditableMember, type EditResult } from './member-edit.ts';
import { foundEpochHere } from './new-epoch.ts';
import { refuseWhenAnswered } from './recover.ts';
import { requireLog, withStoppedMember, type StoppedMember } from './stopped-member.ts';

export interface EditFlags {
  readonly dataDir: string;
  readonly yes?: true;
}

/** Changes addresses and roles while the daemon is stopped. */
export async function editCluster({ dataDir, yes }: EditFlags): Promise<void> {
  await withStoppedMember(dataDir, async (member) => {
    const log = await readLog(member);
    const before = listMembers(member, log);
    const result = await askForEdit(before, log);
    if (result === undefined) {
      tell('nothing was changed');
      return;
    }
    if (result.areRolesChanged) await changeRoles(member, result.members, yes === true);
    else await changeAddresses(member, result.members);
  });
}

/** Prints what `edit` would edit. */
export async function showCluster({ dataDir }: Pick<EditFlags, 'dataDir'>): Promise<void> {
  await withStoppedMember(dataDir, async (member) => {
    const log = await readLog(member);
    process.stdout.write(formatEdit(listMembers(member, log), log));
  });
}

/** A spare has no copy of the database, but addresses to set right. */
async function readLog(member: StoppedMember): Promise<LogSummary> {
  try {
    return await requireLog(member);
  } catch (error) {
    if (error instanceof OperatorError && error.message.includes('no raft role')) {
      return { configuration: [], lastTerm: 0, lastIndex: 0 };
    }
    throw error;
  }
}

function listMembers({ peers }: StoppedMember, { configuration }: LogSummary): readonly EditableMember[] {
  return peers.map(({ id, name, address }) => {
    const role = configuration.find((node) => node.id === id)?.role ?? 'spare';
    return { id, name, address, role };
  });
}

function formatEdit(members: readonly EditableMember[], { lastTerm, lastIndex }: LogSummary): string {
  return (
    `# Latest entry of the database on this member: term ${lastTerm}, index ${lastIndex}\n` +
    '# "address" may be changed: make the same change on every member, with its daemon stopped.\n' +
    '# "role" may be changed (voter, stand-by, spare) on ONE member, the one with the highest term and index: it\n' +
    '# becomes the first member of a new epoch, and the others fill themselves from it when they start.\n' +
    '# Nothing happens when nothing is changed.\n' +
    dump({ members })
  );
}

interface Edited {
  readonly members: readonly EditableMember[];
  readonly areRolesChanged: boolean;
}

/** Opens the editor again with what was written as long as it is refused; standard input gets one chance. */
async function askForEdit(before: readonly EditableMember[], log: LogSummary): Promise<Edited | undefined> {
  const isTerminal = process.stdin.isTTY;
  let draft = formatEdit(before, log);
  for (;;) {
    draft = isTerminal ? await openEditor(draft, process.env) : await readAll(process.stdin);
    const result = judge(before, draft);
    if (result.kind === 'unchanged') return undefined;
    if (result.kind === 'edited') return result;
    if (!isTerminal) throw new OperatorError(result.problem);
    tell(result.problem);
    await confirmOrAbort('The editor opens again.', { operation: 'Cluster edit', yes: false });
  }
}

function judge(before: readonly EditableMember[], draft: string): EditResult {
  try {
    return judgeEdit(before, load(draft));
  } catch (error) {
    return { kind: 'refused', problem: `this is not YAML: ${describeError(error)}` };
  }
}

/** Raft knows its nodes by their ids, so that a change of addresses leaves the database as it is. */
async function changeAddresses(
  { dataDir, config, peers }: StoppedMember,
  members: readonly EditableMember[],
): Promise<void> {
  const addressOf = new Map(members.map(({ id, address }) => [id, address]));
  const edited = peers.map((peer) => {
    const address = addressOf.get(peer.id) ?? peer.address;
    return address === peer.address ? peer : { ...peer, address, isEdited: true as const };
  });
  await writePeersFile(dataDir.peers, edited);
  const address = addressOf.get(config.id) ?? config.address;
  await writeConfig(dataDir, {
    ...config,
    address,
    ...(address === config.address ? {} : { isMoved: true }),
  });
  tell(
    'the addresses are changed on this member; make the same change on every other one before you start them',
  );
}

async function changeRoles(
  member: StoppedMember,
  members: readonly EditableMember[],
  yes: boolean,
): Promise<void> {
  const { name, id } = member.config;
  await requireLog(member);
  if (members.find((one) => one.id === id)?.role !== 'voter') {
    throw new OperatorError(
      `change roles on a member that is a "voter" afterwards; ${name} would not be one`,
    );
  }
  await refuseWhenAnswered(member);
  await confirmOrAbort(
    `${name} becomes the first member of a new epoch. Do this on ONE member only. The others set their data aside,\n` +
      'fill themselves from this one when they start, and get their roles by the rules of the cluster.\n',
    { operation: 'Cluster edit', yes },
  );
  const addressOf = new Map(members.map((one) => [one.name, one.address]));
  const edit = <T extends { readonly name: string; readonly address: string }>(peer: T): T => ({
    ...peer,
    address: addressOf.get(peer.name) ?? peer.address,
  });
  const { epoch, setAside } = await foundEpochHere(member, edit);
  tell(`the cluster begins anew with ${name}, in epoch ${epoch}; start its daemon now`);
  if (setAside !== undefined) tell(`the database as it was is kept in ${setAside}`);
}
