import type { Answer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';

/** Paths that belong to the program around the API server, such as the joining of new members. */
export interface ExtraRoute {
  /** `/muster/v1/join`: this path, and everything below it. */
  readonly prefix: string;
  /** Open to everybody: the handler checks credentials of its own. Otherwise RBAC's nonResourceURLs decide. */
  readonly isPublic?: boolean;
  /** May throw an `ApiError`. Undefined means that it has written the response itself. */
  handle(exchange: Exchange): Promise<Answer | undefined>;
}
