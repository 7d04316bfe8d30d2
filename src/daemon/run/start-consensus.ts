import type { Consensus } from '../../consensus/consensus.ts';
import { startConsensus } from '../../consensus/member-consensus.ts';
import { isConsensusError } from '../../consensus/consensus-error.ts';
import { describeError } from '../../base/describe-error.ts';
import type { Member } from '../../api/generated/member.ts';
import type { StoreReader } from '../../consensus/store/store.ts';
import { writeConfig } from '../config.ts';
import { OperatorError } from '../operator-error.ts';
import type { MemberContext } from './member-context.ts';
import { chooseListen } from './own-endpoint.ts';

// What the members are, which the leader decides by, and the events that say what is wrong.
const membersPrefix = '/registry/muster.dev/members/';
const keptPrefixes = { vital: [membersPrefix], telling: ['/registry/core/events/'] };

/** Starts this member's replica; what keeps it from starting is told in one sentence. */
export async function openConsensus(context: MemberContext): Promise<Consensus> {
  const { dataDir, config, identity, paths, clock, logger } = context;
  const { isNewCluster = false, ...settled } = config;
  const { id, name, address } = config;
  const { publicKeySha256, member } = identity;
  try {
    const consensus = await startConsensus({
      dataDir: dataDir.root,
      self: { id, name, address, publicKeySha256, failureDomain: 0 },
      tls: member,
      listen: chooseListen(config),
      initialPeers: [],
      bootstrap: isNewCluster,
      helperPath: paths.helper,
      keptPrefixes,
      isSpare: (store) => readRole(store, name) === 'spare',
      ...(config.timing === undefined ? {} : { timing: config.timing }),
      clock,
      logger: logger.child({ part: 'consensus' }),
    });
    // Founded: from now on an empty database is a loss, never a reason to found another cluster.
    if (isNewCluster) await writeConfig(dataDir, settled);
    return consensus;
  } catch (error) {
    if (!isConsensusError(error)) throw error;
    throw new OperatorError(`member ${name} cannot start: ${explain(describeError(error))}`);
  }
}

/** As the controllers see it: they assign the roles. */
function readRole(store: StoreReader, memberName: string): string | undefined {
  const stored = store.get(`${membersPrefix}${memberName}`);
  if (stored === undefined) return undefined;
  const member = JSON.parse(Buffer.from(stored.value).toString()) as Member; // which is all that is kept there
  return member.status?.databaseRole;
}

function explain(text: string): string {
  const plain = text.replaceAll(/\[(Closed|Timeout|NoQuorum)\] /g, '');
  return text.includes('EADDRINUSE')
    ? `${plain} (another program listens there; stop it or change --listen)`
    : plain;
}
