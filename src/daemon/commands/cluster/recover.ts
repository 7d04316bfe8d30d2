import { systemClock } from '../../../base/clock.ts';
import { describeError } from '../../../base/describe-error.ts';
import { createDeadline } from '../../../base/deadline.ts';
import { createMemberContext, connectToPeer } from '../../../consensus/peer/peer-tls.ts';
import { OperatorError } from '../../operator-error.ts';
import { tell } from '../../tell.ts';
import { confirmOrAbort } from './confirm.ts';
import { foundEpochHere } from './new-epoch.ts';
import { requireLog, withStoppedMember, type StoppedMember } from './stopped-member.ts';

export interface RecoverFlags {
  readonly dataDir: string;
  readonly yes?: true;
}

/** Makes one survivor the cluster again, after most of those that hold the database were lost for good. */
export async function recoverFromQuorumLoss({ dataDir, yes }: RecoverFlags): Promise<void> {
  await withStoppedMember(dataDir, async (member) => {
    const log = await requireLog(member);
    const others = othersOf(member);
    await refuseWhenAnswered(member);
    const names = others.map(({ name }) => name).join(', ');
    await confirmOrAbort(
      `This makes ${member.config.name} the only database member of the cluster, from its own copy (term ` +
        `${log.lastTerm}, index ${log.lastIndex}).\n` +
        'Do this on ONE member only, the one with the highest term and index, and only when the others that hold\n' +
        'the database cannot be started any more. What was written and had not reached this member is lost.\n' +
        (others.length === 0
          ? 'The cluster has no other member.\n'
          : `The other members (${names}) set their data aside and fill themselves from this one when they start.\n`),
      { operation: 'Recover', yes: yes === true },
    );
    const { epoch, setAside } = await foundEpochHere(member, (peer) => peer);
    tell(`the cluster begins anew with ${member.config.name}, in epoch ${epoch}; start its daemon now`);
    if (setAside !== undefined) tell(`the database as it was is kept in ${setAside}`);
  });
}

function othersOf({ config, peers }: StoppedMember) {
  return peers.filter(({ name }) => name !== config.name);
}

const answerLimitMs = 3_000;

/** A cluster whose other members live must not get a second beginning: its majority may be fine. */
export async function refuseWhenAnswered(member: StoppedMember): Promise<void> {
  const context = createMemberContext(member.identity.member);
  const answers = await Promise.all(
    othersOf(member).map(async (peer) => {
      using deadline = createDeadline(systemClock, answerLimitMs, `asking ${peer.name}`);
      try {
        const socket = await connectToPeer(peer, context, systemClock, deadline.signal);
        socket.destroy();
        return [`${peer.name} (${peer.address})`];
      } catch (error) {
        tell(`${peer.name} at ${peer.address} does not answer (${describeError(error)})`);
        return [];
      }
    }),
  );
  const living = answers.flat();
  if (living.length === 0) return;
  throw new OperatorError(
    `these members are running: ${living.join(', ')}. Stop them first if the quorum is lost for good; if not, ` +
      'start this member as usual',
  );
}
