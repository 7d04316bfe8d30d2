import type { StoredEntry } from '../../consensus/store/store.ts';
import type { User } from '../authn/user.ts';
import type { Representation } from '../http/accept.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import type { ResourceKind } from '../registry/resource-kind.ts';
import type { JsonObject } from '../schema/json-object.ts';

/** A request that passed authentication, authorization and negotiation, and whose kind is known. */
export interface ResourceContext {
  readonly exchange: Exchange;
  readonly info: ResourceRequest;
  readonly kind: ResourceKind;
  readonly user: User;
  readonly representation: Representation;
  /** The leader's term that the client writes under; the store refuses the write when it is over. */
  readonly term?: number;
  /** Whether the same request would be let in now: logins are revoked and roles taken away while a watch is open. */
  readonly isStillAllowed: () => Promise<boolean>;
}

export interface ObjectAnswer {
  readonly kind: 'object';
  readonly code: number;
  readonly object: JsonObject;
}

/** A page of objects at one revision. */
export interface ListAnswer {
  readonly kind: 'list';
  readonly code: number;
  readonly entries: readonly StoredEntry[];
  readonly revision: number;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** An answer that is no object of the kind: a Status, a review. It is never shown as a table. */
export interface PlainAnswer {
  readonly kind: 'plain';
  readonly code: number;
  readonly body: unknown;
}

/** The handler has written the response itself, as watches and streams do. */
export interface WrittenAnswer {
  readonly kind: 'written';
}

export type VerbAnswer = ListAnswer | ObjectAnswer | PlainAnswer | WrittenAnswer;
