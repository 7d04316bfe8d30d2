import { setTimeout as delay } from 'node:timers/promises';

import { findLeader } from '../cluster/find-leader.ts';
import { pickVictim, type Fault, type FaultContext } from './fault.ts';
import { cutOff } from './network-faults.ts';

/** The main thread of one musterd stands still, while its database goes on and keeps its role. */
export const stall: Fault = {
  name: 'stall',
  durationMs: [500, 4_000],
  async inject(context) {
    const victim = pickVictim(context);
    const wake = await context.cluster.stalls.stall(victim.lab);
    return { what: victim.name, heal: wake };
  },
};

const mostElections = 8;
const electionMs = 1_500;

/**
 * The leader stands still; the others elect one of themselves and write; then its database is elected again, all before
 * it wakes up. It finds itself the leader, as it was, and must not go on where it was.
 */
export const asleepThroughTerms: Fault = {
  name: 'asleep-through-terms',
  durationMs: [200, 600],
  async inject(context) {
    const { cluster, leader } = context;
    const wake = await cluster.stalls.stall(leader.lab);
    try {
      await deposeLeader(context);
      // A leader that does not show up is the one that sleeps: nobody else serves without saying so.
      // Chance decides whom the others elect, so in one of some runs it is never the one that sleeps.
      let elections = 1;
      let isElected = !(await hasAnotherLeader(context));
      for (; !isElected && elections < mostElections; elections += 1) {
        await deposeLeader({ ...context, leader: await findLeader(cluster) });
        isElected = !(await hasAnotherLeader(context));
      }
      const end = isElected ? '' : ', and never its own again';
      return { what: `${leader.name} through ${elections} elections${end}`, heal: wake };
    } catch (error) {
      await wake();
      throw error;
    }
  },
};

async function deposeLeader(context: FaultContext): Promise<void> {
  const isolated = await cutOff(context, [context.leader], 'deposed');
  await delay(electionMs);
  await isolated.heal();
}

async function hasAnotherLeader({ cluster, leader }: FaultContext): Promise<boolean> {
  await delay(electionMs);
  const others = cluster.members.filter((member) => member !== leader);
  const place = '/api/v1/namespaces/default/configmaps/health-n1';
  const replies = await Promise.all(
    others.map(({ client }) => client.send('GET', place, { timeoutMs: 1_500 })),
  );
  return replies.some((reply) => reply.kind === 'answer' && reply.code === 200);
}
