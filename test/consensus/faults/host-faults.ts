import { pickVictim, type Fault } from './fault.ts';

/** Not a byte is left on a member's disk. */
export const diskFull: Fault = {
  name: 'disk-full',
  durationMs: [2_000, 5_000],
  async inject(context) {
    const victim = pickVictim(context);
    const { disks } = context.cluster;
    const directory = victim.lab.dataDirectory;
    await disks.fill(directory);
    return {
      what: victim.name,
      async heal() {
        await disks.free(directory);
        // A member that gave up is started again, as its service manager would.
        await context.cluster.start(victim);
      },
    };
  },
};

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
