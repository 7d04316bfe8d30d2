import type { FaultMember } from '../cluster/fault-cluster.ts';
import { pickVictim, type Fault } from './fault.ts';

const bigPath = '/api/v1/namespaces/default/configmaps';
const bigCount = 20;
const bigBytes = 900_000;

/** Not a byte is left on the disks of some members, or of all, while clients have much to write. */
export const diskFull: Fault = {
  name: 'disk-full',
  durationMs: [3_000, 6_000],
  async inject(context) {
    const { cluster, random } = context;
    const first = pickVictim(context);
    const others = random.shuffle(cluster.members.filter((member) => member !== first));
    const victims = [first, ...others.slice(0, random.between(0, others.length))];
    for (const { lab } of victims) await cluster.disks.fill(lab.dataDirectory);
    const writing = writeMuch(cluster.members);
    return {
      what: victims.map(({ name }) => name).join(', '),
      async heal() {
        await writing;
        for (const { lab } of victims) await cluster.disks.free(lab.dataDirectory);
        // A member that gave up is started again, as its service manager would.
        for (const victim of victims) await cluster.start(victim);
        await removeBig(cluster.members);
      },
    };
  },
};

/** dqlite sets disk space aside: only after some megabytes it needs more, and finds none. */
async function writeMuch(members: readonly FaultMember[]): Promise<void> {
  for (let number = 1; number <= bigCount; number += 1) {
    const member = members[number % members.length];
    const metadata = { name: `big-${number}`, namespace: 'default' };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'x'.repeat(bigBytes) } };
    // Whether it is taken or refused does not matter here.
    await member?.client.send('POST', bigPath, { body, timeoutMs: 1_000 });
  }
}

async function removeBig(members: readonly FaultMember[]): Promise<void> {
  for (let number = 1; number <= bigCount; number += 1) {
    const member = members[number % members.length];
    await member?.client.send('DELETE', `${bigPath}/big-${number}`, { timeoutMs: 1_000 });
  }
}

/** Writes to a member's disk hang most of the time. */
export const diskSlow: Fault = {
  name: 'disk-slow',
  durationMs: [2_000, 5_000],
  async inject(context) {
    const victim = pickVictim(context);
    const stallMs = context.random.between(50, 400);
    const heal = context.cluster.disks.slowDown(victim.lab.dataDirectory, stallMs, stallMs + 60);
    return Promise.resolve({ what: `${victim.name} stalls ${stallMs} ms at a time`, heal });
  },
};

// Back by less than certificates are dated back, or nobody could log in any more, which is another matter.
const jumpsSeconds = [24 * 3_600, 3_600, 30, -30, -1_800];

/** The wall clock of some members jumps, and jumps back. */
export const clockJump: Fault = {
  name: 'clock-jump',
  durationMs: [2_000, 5_000],
  async inject({ cluster, random }) {
    const victims = random.shuffle(cluster.members).slice(0, random.between(1, cluster.members.length));
    const jumps = victims.map(({ name }) => ({ name, seconds: random.pick(jumpsSeconds) }));
    for (const { name, seconds } of jumps) await cluster.clocks.set(name, seconds);
    return {
      what: jumps.map(({ name, seconds }) => `${name} by ${seconds} s`).join(', '),
      async heal() {
        for (const { name } of jumps) await cluster.clocks.set(name, 0);
      },
    };
  },
};
