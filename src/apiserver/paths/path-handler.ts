import type { User } from '../authn/user.ts';
import type { Answer } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';

/** Answers one family of paths that are no resources; undefined when the path is not one of them. */
export type PathHandler = (exchange: Exchange, user: User) => Answer | Promise<Answer> | undefined;
