import { apiError } from '../../api/api-error.ts';
import {
  authorityPath,
  rotateAuthorityPath,
  type AuthorityAnswer,
  type ExchangeAnswer,
  type ExchangeRequest,
} from '../../api/authority.ts';
import { jsonAnswer, type Answer } from '../../apiserver/http/answer.ts';
import type { Exchange } from '../../apiserver/http/exchange.ts';
import { readBody } from '../../apiserver/http/request-body.ts';
import type { ExtraRoute } from '../../apiserver/paths/extra-route.ts';
import type { Logger } from '../../base/logger.ts';
import { beginExchange, cancelExchange, type ChangeExchangeDeps } from './change-exchange.ts';
import { decodeExchange, exchangeKey, viewOf, type AuthorityExchange } from './exchange-record.ts';
import type { HeldAuthority } from './held-authority.ts';

export interface AuthorityRoutesDeps extends ChangeExchangeDeps {
  readonly authority: HeldAuthority;
  readonly logger: Logger;
}

const longestSeconds = 366 * 24 * 3_600;

/** Who the authority is, for everybody, and its exchange, for whom RBAC lets at that path. */
export function createAuthorityRoutes(deps: AuthorityRoutesDeps): readonly ExtraRoute[] {
  return [
    {
      prefix: authorityPath,
      isPublic: true,
      handle: (exchange) => Promise.resolve(tellAuthority(deps, exchange)),
    },
    { prefix: rotateAuthorityPath, handle: (exchange) => answerExchange(deps, exchange) },
  ];
}

function tellAuthority({ authority }: AuthorityRoutesDeps, { method }: Exchange): Answer {
  if (method !== 'GET') throw apiError('MethodNotAllowed', 'the authority is asked for with GET');
  const endsAt = authority.exchange?.endsAt;
  const answer: AuthorityAnswer = {
    certificates: authority.trusted,
    ...(endsAt === undefined || authority.trusted.length < 2 ? {} : { endsAt }),
  };
  return jsonAnswer(200, answer);
}

async function answerExchange(deps: AuthorityRoutesDeps, exchange: Exchange): Promise<Answer> {
  const { store, logger } = deps;
  const { method, signal, log } = exchange;
  if (method === 'GET') {
    await store.readBarrier(signal);
    const entry = store.get(exchangeKey);
    return answerWith(entry === undefined ? undefined : decodeExchange(entry));
  }
  if (method !== 'POST') throw apiError('MethodNotAllowed', 'an exchange is begun and canceled with POST');
  const request = parseExchangeRequest(await readBody(exchange));
  const changed =
    request.action === 'cancel'
      ? await cancelExchange(deps, signal)
      : await beginExchange(deps, request.endsInSeconds, signal);
  const { step, endsAt } = changed;
  logger.warn(
    { ...request, step, endsAt, user: log.user },
    "the exchange of the cluster's authority was asked for",
  );
  return answerWith(changed);
}

function answerWith(exchange: AuthorityExchange | undefined): Answer {
  const answer: ExchangeAnswer = exchange === undefined ? {} : { exchange: viewOf(exchange) };
  return jsonAnswer(200, answer);
}

export function parseExchangeRequest(body: Buffer): ExchangeRequest {
  const { action, endsInSeconds, ...others } = parseObject(body);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw apiError('BadRequest', `there is no field "${unknown}": ${form}`);
  if (action === 'cancel' && endsInSeconds === undefined) return { action };
  if (action !== 'begin') throw apiError('BadRequest', form);
  if (endsInSeconds === undefined) return { action };
  const isWhole = typeof endsInSeconds === 'number' && Number.isInteger(endsInSeconds);
  if (isWhole && endsInSeconds >= 0 && endsInSeconds <= longestSeconds) return { action, endsInSeconds };
  throw apiError('BadRequest', `endsInSeconds has to be a whole number from 0 to ${longestSeconds}, a year`);
}

const form = 'the body has to be {"action": "begin", "endsInSeconds": 2592000} or {"action": "cancel"}';

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>; // checked field by field
  } catch {
    // Told below, with what would be right.
  }
  throw apiError('BadRequest', form);
}
