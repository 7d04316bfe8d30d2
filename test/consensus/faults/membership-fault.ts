import { eventually } from '../../support/eventually.ts';
import type { FaultMember } from '../cluster/fault-cluster.ts';
import type { Fault } from './fault.ts';

const membersPath = '/apis/muster.dev/v1alpha1/members';
const limitMs = 60_000;

/** A member more joins under load, gets its place in the database, and is removed again. */
export const membership: Fault = {
  name: 'add-and-remove',
  durationMs: [2_000, 4_000],
  async inject({ cluster, random }) {
    const sponsor = random.pick(cluster.members);
    const number = 1 + Math.max(...cluster.members.map(({ name }) => Number(name.slice(1))));
    await cluster.add(number, sponsor);
    const added = cluster.members.find(({ name }) => name === `n${number}`) as FaultMember; // it was just added
    return {
      what: `${added.name} through ${sponsor.name}`,
      async heal() {
        await eventually(`acceptance of the removal of ${added.name}`, limitMs, async () => {
          const reply = await sponsor.client.send('DELETE', `${membersPath}/${added.name}`);
          if (reply.kind !== 'answer' || (reply.code !== 200 && reply.code !== 404)) {
            throw new Error(JSON.stringify(reply));
          }
        });
        await eventually(`end of ${added.name}`, limitMs, async () => {
          const reply = await sponsor.client.send('GET', `${membersPath}/${added.name}`);
          if (reply.kind !== 'answer' || reply.code !== 404) throw new Error(JSON.stringify(reply));
        });
        await cluster.forget(added);
      },
    };
  },
};
