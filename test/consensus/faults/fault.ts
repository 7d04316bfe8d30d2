import type { FaultCluster, FaultMember } from '../cluster/fault-cluster.ts';
import type { Random } from '../random.ts';

export interface FaultContext {
  readonly cluster: FaultCluster;
  readonly random: Random;
  readonly leader: FaultMember;
}

export interface ActiveFault {
  /** Whom it hits and how, for the report. */
  readonly what: string;
  heal(): Promise<void>;
}

/** Something that goes wrong in a data centre. */
export interface Fault {
  readonly name: string;
  /** How long it lasts, at least and at most. */
  readonly durationMs: readonly [number, number];
  inject(context: FaultContext): Promise<ActiveFault>;
}

/** The leader in half of the cases, because that is where it hurts. */
export function pickVictim({ cluster, random, leader }: FaultContext): FaultMember {
  return random.next() < 0.5 ? leader : random.pick(cluster.members);
}
