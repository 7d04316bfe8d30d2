import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User } from '../authn/user.ts';
import type { ResourceVerb } from '../http/request-info.ts';
import type { JsonObject } from '../schema/json-object.ts';

/** A part of an object that is not stored with it, such as an image's content. Served by whoever knows it. */
export interface Subresource {
  readonly group: string;
  readonly plural: string;
  readonly name: string;
  readonly verbs: readonly ResourceVerb[];
  /**
   * Called after authentication, authorization and a fresh read of the object. It writes the response itself, has no
   * deadline but the signal, and may throw an `ApiError` as long as it has written nothing.
   */
  handle(request: SubresourceRequest): Promise<void>;
}

export interface SubresourceRequest {
  readonly verb: ResourceVerb;
  /** The object as the API shows it; it must not be changed. */
  readonly object: JsonObject;
  /** What follows the sub-resource in the path. */
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client is gone or the server stops. */
  readonly signal: AbortSignal;
}
