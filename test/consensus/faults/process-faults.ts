import { stopMember } from '../../../scripts/lab/member-process.ts';
import { sendSignal, waitUntilGone } from '../../../scripts/lab/processes.ts';
import { findStoreProcesses } from '../cluster/member-processes.ts';
import { pickVictim, type Fault } from './fault.ts';

/** kill -9 of one musterd, which takes its database along; it comes back after a while. */
export const kill: Fault = {
  name: 'kill',
  durationMs: [500, 2_500],
  async inject(context) {
    const victim = pickVictim(context);
    await context.cluster.kill(victim);
    return { what: victim.name, heal: () => context.cluster.start(victim) };
  },
};

/** Every process of every member at once, as a power failure of the rack does. */
export const killAll: Fault = {
  name: 'kill-all',
  durationMs: [200, 800],
  async inject({ cluster }) {
    const processes = await Promise.all(cluster.members.map(({ lab }) => findStoreProcesses(lab, 'both')));
    await Promise.all(processes.flat().map((identity) => sendSignal(identity, 'SIGKILL')));
    await Promise.all(processes.flat().map((identity) => waitUntilGone(identity, 5_000)));
    return {
      what: 'everyone',
      async heal() {
        await Promise.all(cluster.members.map((member) => cluster.start(member)));
      },
    };
  },
};

/** Only the database process dies; its musterd lives on and starts another. */
export const killDatabase: Fault = {
  name: 'kill-database',
  durationMs: [500, 1_500],
  async inject(context) {
    const victim = pickVictim(context);
    for (const identity of await findStoreProcesses(victim.lab, 'database'))
      await sendSignal(identity, 'SIGKILL');
    return { what: victim.name, heal: () => Promise.resolve() };
  },
};

const parts = ['both', 'daemon', 'database'] as const;

/** SIGSTOP for many election timeouts, of the whole member or of one of its processes. */
export const pause: Fault = {
  name: 'pause',
  durationMs: [1_500, 4_500],
  async inject(context) {
    const victim = pickVictim(context);
    const part = context.random.pick(parts);
    const processes = await findStoreProcesses(victim.lab, part);
    for (const identity of processes) await sendSignal(identity, 'SIGSTOP');
    return {
      what: `${victim.name} (${part})`,
      async heal() {
        // Sometimes musterd wakes up first, sometimes its database.
        for (const identity of context.random.shuffle(processes)) await sendSignal(identity, 'SIGCONT');
      },
    };
  },
};

/** A clean stop of the leader, which hands its leadership over first, and a start. */
export const transfer: Fault = {
  name: 'transfer',
  durationMs: [200, 1_000],
  async inject({ cluster, leader }) {
    await stopMember(leader.lab);
    return { what: `from ${leader.name}`, heal: () => cluster.start(leader) };
  },
};
