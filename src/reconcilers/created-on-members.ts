import { enumerate } from './in-use.ts';
import type { Outcome } from './step.ts';

/** One member's part of a pool or network, as its agent reports it. */
export interface MemberPart {
  readonly name: string;
  readonly state: string;
  readonly message?: string | undefined;
}

/**
 * Whether every member that is there has its part. Members that are offline are not waited for: they make
 * their part when they are back, and get no instances before.
 */
export function createdOnMembers(parts: readonly MemberPart[], online: readonly string[]): Outcome {
  const partOf = new Map(parts.map((part) => [part.name, part]));
  const errored = parts.filter(({ name, state }) => state === 'Errored' && online.includes(name));
  if (errored.length > 0) {
    const [first] = errored;
    const message = `${enumerate(errored.map(({ name }) => name))}: ${first?.message ?? 'failed without a message'}`;
    return { kind: 'blocked', reason: 'MemberErrored', message };
  }
  const pending = online.filter((name) => partOf.get(name)?.state !== 'Created');
  if (pending.length > 0)
    return { kind: 'blocked', reason: 'Creating', message: `waiting for ${enumerate(pending)}` };
  if (online.length === 0) return { kind: 'blocked', reason: 'NoMembers', message: 'no member is online' };
  return {
    kind: 'settled',
    message: `created on ${online.length} ${online.length === 1 ? 'member' : 'members'}`,
  };
}
