import { apiError } from '../api/api-error.ts';
import { isMoreThanMetadata } from './audit/audit-policy.ts';
import { bearerTokenOf } from './authn/bearer-token.ts';
import { type Authenticator } from './authn/client-certificate.ts';
import { impersonate } from './authn/impersonation.ts';
import { type User, anonymousUser } from './authn/user.ts';
import { forbidden } from './authz/authorizer.ts';
import { attributesOf } from './authz/request-attributes.ts';
import { type Answer, unknownPath } from './http/answer.ts';
import { chooseShape } from './http/choose-shape.ts';
import { type Exchange, headerOf, tlsSocketOf } from './http/exchange.ts';
import type { RequestInfo, ResourceRequest } from './http/request-info.ts';
import { checkTimeout } from './http/request-timeout.ts';
import type { ExtraRoute } from './paths/extra-route.ts';
import type { PathHandler } from './paths/path-handler.ts';
import type { ResourceKind } from './registry/resource-kind.ts';
import type { ServerDeps } from './server-deps.ts';
import { dispatch } from './verbs/dispatch.ts';
import type { ResourceContext } from './verbs/resource-context.ts';
import { showAnswer } from './verbs/show-answer.ts';
import type { Subresource } from './verbs/subresource.ts';

export interface RequestDeps {
  readonly server: ServerDeps;
  readonly authenticate: Authenticator;
  readonly pathHandlers: readonly PathHandler[];
  readonly subresources: readonly Subresource[];
  readonly extraRoutes: readonly ExtraRoute[];
}

/**
 * The stages that every request passes, in this order. A refusal is thrown at the stage that decides it.
 * Undefined means that the handler has written the response itself.
 */
export async function handleRequest(exchange: Exchange, deps: RequestDeps): Promise<Answer | undefined> {
  const { info } = exchange;
  if (info === undefined) return unknownPath;
  const route = deps.extraRoutes.find(
    ({ prefix }) => info.path === prefix || info.path.startsWith(`${prefix}/`),
  );
  if (route?.isPublic === true) return route.handle(exchange);

  const user = await authenticateRequest(exchange, deps);
  const { log } = exchange;
  log.user = user.name;
  log.keepsBody = isMoreThanMetadata(deps.server.audit.levelOf(exchange));
  log.leave = deps.server.flow.enter(user, info, exchange.isStream);
  checkTimeout(exchange.url.searchParams);
  authorizeRequest(exchange, { info, user, deps });
  if (route !== undefined) return route.handle(exchange);
  if (!info.isResource) return answerPath(exchange, user, deps);
  return answerResource(exchange, { info, user, deps });
}

/** The certificate first, then the token: who has proven one identity needs no other. */
async function authenticateRequest(
  { request, log }: Exchange,
  { authenticate, server }: RequestDeps,
): Promise<User> {
  const certified = authenticate(tlsSocketOf(request));
  const token = certified === anonymousUser ? bearerTokenOf(request) : undefined;
  const user = token === undefined ? certified : await server.authenticateToken(token);
  log.sender = user;
  const other = impersonate(user, request, server.authorizer);
  if (other !== user) log.actsAs = other;
  return other;
}

interface Checked<T extends RequestInfo> {
  readonly info: T;
  readonly user: User;
  readonly deps: RequestDeps;
}

function authorizeRequest({ url, log }: Exchange, { info, user, deps }: Checked<RequestInfo>): void {
  const attributes = attributesOf(info, url.searchParams);
  log.decision = deps.server.authorizer.decide(user, attributes);
  if (!log.decision.isAllowed) throw forbidden(user, attributes);
}

async function isStillAllowed(exchange: Exchange, info: RequestInfo, deps: RequestDeps): Promise<boolean> {
  try {
    authorizeRequest(exchange, { info, user: await authenticateRequest(exchange, deps), deps });
    return true;
  } catch {
    // Whatever the reason is: the client asks again, and is told.
    return false;
  }
}

async function answerPath(exchange: Exchange, user: User, deps: RequestDeps): Promise<Answer> {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return unknownPath;
  for (const handler of deps.pathHandlers) {
    const answer = await handler(exchange, user);
    if (answer !== undefined) return answer;
  }
  return unknownPath;
}

async function answerResource(
  exchange: Exchange,
  { info, user, deps }: Checked<ResourceRequest>,
): Promise<Answer | undefined> {
  const { server, subresources } = deps;
  const kind = server.registry.find(info.group, info.version, info.resource);
  if (kind === undefined || !isScopeRight(kind, info)) return unknownPath;
  const term = readTerm(exchange);
  const context: ResourceContext = {
    ...{ exchange, info, kind, user },
    representation: chooseShape(exchange, info.verb, info.subresource !== undefined),
    ...(term === undefined ? {} : { term }),
    isStillAllowed: () => isStillAllowed(exchange, info, deps),
  };
  const answer = await dispatch(server, context, subresources);
  return answer.kind === 'written' ? undefined : showAnswer(answer, context, server.clock);
}

/** Paths with a namespace are for kinds that have one; without it, only whole collections of them can be meant. */
function isScopeRight({ served }: ResourceKind, { namespace, name }: ResourceRequest): boolean {
  if (!served.namespaced) return namespace === undefined;
  return namespace !== undefined || name === undefined;
}

function readTerm({ request }: Exchange): number | undefined {
  const text = headerOf(request, 'muster-leader-term');
  if (text === undefined) return undefined;
  const term = Number(text);
  if (Number.isSafeInteger(term) && term > 0) return term;
  throw apiError('BadRequest', `the header Muster-Leader-Term must be a positive integer, not "${text}"`);
}
