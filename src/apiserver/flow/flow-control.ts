import { apiError } from '../../api/api-error.ts';
import { controllersGroup, mastersGroup, membersGroup } from '../../api/names.ts';
import { type User, anonymousUser } from '../authn/user.ts';
import type { RequestInfo } from '../http/request-info.ts';

/**
 * Room for requests, in compartments: whatever people ask, members and controllers keep theirs. Nothing is queued;
 * who finds no room is told to come back, which clients of Kubernetes do by themselves.
 */
export interface FlowControl {
  /** Throws `TooManyRequests`. The answer is called once, when the request is over. */
  enter(user: User, info: RequestInfo, isStream: boolean): () => void;
  usage(): readonly LevelUsage[];
}

export type LevelName = 'administrators' | 'cluster' | 'leases' | 'users';

export interface LevelUsage {
  readonly level: LevelName;
  readonly inFlight: number;
  readonly streams: number;
  readonly rejected: number;
}

interface LevelLimits {
  /** Short requests at once. */
  readonly requests: number;
  /** Watches and other long answers at once, of one user. */
  readonly streamsPerUser: number;
  /** Nobody may hold more than what is still free: a single user gets half, two a third each, and so on. */
  readonly isShared: boolean;
}

export const flowLimits: Readonly<Record<LevelName, LevelLimits>> = {
  cluster: { requests: 400, streamsPerUser: 10_000, isShared: false },
  // Who loses a lease stops working, so that renewing one must not wait behind other work.
  leases: { requests: 100, streamsPerUser: 1_000, isShared: true },
  administrators: { requests: 400, streamsPerUser: 10_000, isShared: false },
  users: { requests: 400, streamsPerUser: 1_000, isShared: true },
};

export function createFlowControl(limits = flowLimits): FlowControl {
  const levels = new Map(
    (Object.keys(limits) as LevelName[]).map((name) => [name, new Level(name, limits[name])]),
  );
  return {
    enter(user, info, isStream) {
      const level = levels.get(levelOf(user, info));
      if (level === undefined) return () => undefined;
      return isStream ? level.openStream(user.name) : level.begin(user.name);
    },
    usage: () => [...levels.values()].map((level) => level.usage()),
  };
}

export function levelOf(user: User, info: RequestInfo): LevelName {
  if (user.groups.includes(membersGroup) || user.groups.includes(controllersGroup)) return 'cluster';
  const isLease = info.isResource && info.group === 'coordination.k8s.io' && info.resource === 'leases';
  // A stranger would be refused anyway, and must not fill the room of those who hold leases.
  if (isLease && user.name !== anonymousUser.name) return 'leases';
  return user.groups.includes(mastersGroup) ? 'administrators' : 'users';
}

class Level {
  readonly #name: LevelName;
  readonly #limits: LevelLimits;
  readonly #requests = new Counts();
  readonly #streams = new Counts();
  #rejected = 0;

  constructor(name: LevelName, limits: LevelLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  begin(user: string): () => void {
    const { requests, isShared } = this.#limits;
    const free = requests - this.#requests.total;
    if (free <= 0 || (isShared && this.#requests.of(user) >= free)) throw this.#reject();
    return this.#requests.add(user);
  }

  openStream(user: string): () => void {
    if (this.#streams.of(user) >= this.#limits.streamsPerUser) throw this.#reject();
    return this.#streams.add(user);
  }

  usage(): LevelUsage {
    return {
      level: this.#name,
      inFlight: this.#requests.total,
      streams: this.#streams.total,
      rejected: this.#rejected,
    };
  }

  #reject(): Error {
    this.#rejected += 1;
    return tooManyRequests();
  }
}

/** How many there are, in all and of each user. */
class Counts {
  total = 0;
  readonly #byUser = new Map<string, number>();

  of(user: string): number {
    return this.#byUser.get(user) ?? 0;
  }

  add(user: string): () => void {
    this.total += 1;
    this.#byUser.set(user, this.of(user) + 1);
    const held = { isOver: false };
    return () => {
      if (held.isOver) return;
      held.isOver = true;
      this.total -= 1;
      const rest = this.of(user) - 1;
      // Names come from outside: those who have left must not stay behind in memory.
      if (rest === 0) this.#byUser.delete(user);
      else this.#byUser.set(user, rest);
    };
  }
}

export function tooManyRequests(): Error {
  const message = 'Too many requests, please try again later.';
  return apiError('TooManyRequests', message, { retryAfterSeconds: 1 });
}
