import { block, type Block } from '../cluster/firewall.ts';
import type { FaultMember } from '../cluster/fault-cluster.ts';
import { pickVictim, type ActiveFault, type Fault, type FaultContext } from './fault.ts';

/** Members in two groups that do not hear each other; a majority is on one side. */
export const partition: Fault = {
  name: 'partition',
  durationMs: [1_500, 5_000],
  async inject(context) {
    const { cluster, random } = context;
    const shuffled = random.shuffle(cluster.members);
    const minority = shuffled.slice(0, random.between(1, Math.floor((shuffled.length - 1) / 2)));
    return cutOff(context, minority, 'partition');
  },
};

/** The leader hears nobody and nobody hears it. */
export const isolateLeader: Fault = {
  name: 'leader-alone',
  durationMs: [1_500, 5_000],
  inject: (context) => cutOff(context, [context.leader], 'alone'),
};

/** Packets get lost in one direction only: what one says is heard, and it hears no answer; or the other way. */
export const oneWay: Fault = {
  name: 'one-way',
  durationMs: [1_500, 5_000],
  async inject(context) {
    const victim = pickVictim(context);
    const others = othersThan(context, [victim]);
    const isDeaf = context.random.next() < 0.5;
    const blocks = others.map(({ lab }) =>
      isDeaf ? { at: victim.lab, from: lab } : { at: lab, from: victim.lab },
    );
    const what = `${victim.name} is ${isDeaf ? 'deaf' : 'mute'}`;
    return { what, heal: await block(blocks, 'oneway') };
  },
};

/** One member hears everybody, and the others hear only that one. */
export const bridge: Fault = {
  name: 'bridge',
  durationMs: [1_500, 5_000],
  async inject({ cluster, random }) {
    const [middle, ...others] = random.shuffle(cluster.members);
    const half = Math.ceil(others.length / 2);
    const blocks = cutBetween(others.slice(0, half), others.slice(half));
    return { what: `only ${middle?.name ?? ''} hears all`, heal: await block(blocks, 'bridge') };
  },
};

/** A bad cable: between all members some packets get lost. */
export const lossy: Fault = {
  name: 'packet-loss',
  durationMs: [2_000, 5_000],
  async inject({ cluster, random }) {
    const percent = random.between(5, 30);
    const blocks = cutBetween(cluster.members, cluster.members).map((one) => ({ ...one, percent }));
    return { what: `${percent} %`, heal: await block(blocks, 'lossy') };
  },
};

/** Between these members and the others nothing passes. */
export async function cutOff(
  context: FaultContext,
  minority: readonly FaultMember[],
  table: string,
): Promise<ActiveFault> {
  const majority = othersThan(context, minority);
  const names = minority.map(({ name }) => name).join(', ');
  return { what: `${names} from the rest`, heal: await block(cutBetween(minority, majority), table) };
}

function othersThan({ cluster }: FaultContext, some: readonly FaultMember[]): readonly FaultMember[] {
  return cluster.members.filter((member) => !some.includes(member));
}

function cutBetween(left: readonly FaultMember[], right: readonly FaultMember[]): readonly Block[] {
  return left.flatMap((one) =>
    right
      .filter((other) => other !== one)
      .flatMap((other) => [
        { at: one.lab, from: other.lab },
        { at: other.lab, from: one.lab },
      ]),
  );
}
