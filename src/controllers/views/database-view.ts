import type { Clock } from '../../base/clock.ts';
import type { Silence } from '../../reconcilers/member/online.ts';
import type { DatabaseRole } from '../../reconcilers/member/role-view.ts';

/** What controllers may ask of, and do to, the consensus layer; the daemon wires it. */
export interface DatabaseControl {
  listNodes(signal: AbortSignal): Promise<readonly DatabaseNode[]>;
  assignRole(member: string, role: DatabaseRole, signal: AbortSignal): Promise<void>;
  transferLeadership(to: string, signal: AbortSignal): Promise<void>;
  /** Takes the member out of the cluster for good. Its host resets itself then, unless this is forced. */
  remove(member: string, signal: AbortSignal, options: { readonly isForced: boolean }): Promise<void>;
  /** Milliseconds since each member was last heard; only members that this leader heard. */
  lastHeard(): ReadonlyMap<string, number>;
  readonly departures: DepartureView;
  /** Calls back after each change of nodes or roles: only the leader makes any. The answer unsubscribes. */
  subscribe(changed: () => void): () => void;
}

/** Members that have told this leader that they are stopping. */
export interface DepartureView {
  /** Stopping or stopped, until they are back. */
  readonly names: ReadonlySet<string>;
  /** Lets those stop that wait until their roles have been seen to. */
  release(names: ReadonlySet<string>): void;
  subscribe(told: () => void): () => void;
}

export interface DatabaseNode {
  readonly id: string;
  readonly name: string;
  readonly role: DatabaseRole;
  readonly isLeader: boolean;
}

/** The last answer of the database, for decisions that cannot wait for one. */
export interface DatabaseView {
  /** Undefined until the first answer. */
  nodes(): readonly DatabaseNode[] | undefined;
  readonly nodeOf: (member: string) => DatabaseNode | undefined;
  readonly silenceOf: (member: string) => Silence;
  update(nodes: readonly DatabaseNode[]): void;
}

export interface DatabaseViewOptions {
  readonly database: Pick<DatabaseControl, 'lastHeard'>;
  readonly clock: Clock;
  /** This member: nobody has to hear it. */
  readonly memberName: string;
}

export function createDatabaseView({ database, clock, memberName }: DatabaseViewOptions): DatabaseView {
  const startedMs = clock.monotonicMs();
  const held: { nodes?: readonly DatabaseNode[] } = {};
  return {
    nodes: () => held.nodes,
    nodeOf: (member) => held.nodes?.find(({ name }) => name === member),
    silenceOf(member) {
      if (member === memberName) return { ms: 0, isHeard: true };
      const ms = database.lastHeard().get(member);
      if (ms !== undefined) return { ms, isHeard: true };
      return { ms: clock.monotonicMs() - startedMs, isHeard: false };
    },
    update(nodes) {
      held.nodes = nodes;
    },
  };
}
