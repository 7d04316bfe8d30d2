import { randomUUID } from 'node:crypto';
import { apiError, isApiError } from '../api/api-error.ts';
import { type Deadline, createDeadline } from '../base/deadline.ts';
import { describeError } from '../base/describe-error.ts';
import { type RequestDeps, handleRequest } from './handle-request.ts';
import { type Answer, send, statusAnswer } from './http/answer.ts';
import { internalError, statusOfError } from './http/error-status.ts';
import type { AnyRequest, AnyResponse, Exchange } from './http/exchange.ts';
import { type ResourceRequest, parseRequestInfo } from './http/request-info.ts';
import { rewriteWatchPrefix } from './http/watch-prefix.ts';
import { isObjectPart } from './parts/object-parts.ts';
import type { ServerDeps } from './server-deps.ts';

const requestTimeoutMs = 60_000;
const maxInFlight = 400; // beyond that, answering late helps nobody: clients come back after a second
const readMethods = new Set(['GET', 'HEAD']);

export interface RequestListener {
  listen(request: AnyRequest, response: AnyResponse): void;
  /** Resolves when everything that is being answered now has been answered. */
  idle(): Promise<void>;
}

/** Runs the stages for each request, turns what they throw into a Status, and logs what changed something. */
export function createRequestListener(
  requestDeps: RequestDeps,
  { clock, logger }: ServerDeps,
): RequestListener {
  let inFlightCount = 0;
  const working = new Set<Promise<void>>();

  const answer = async (exchange: Exchange): Promise<void> => {
    const startMs = clock.monotonicMs();
    let code = 0;
    try {
      const handled = await handleRequest(exchange, requestDeps);
      code = handled?.code ?? exchange.response.statusCode;
      if (handled !== undefined) await send(exchange, handled);
    } catch (error) {
      code = await refuse(exchange, error);
    }
    if (readMethods.has(exchange.method)) return;
    const ms = Math.round(clock.monotonicMs() - startMs);
    const fields = { ...exchange.log, verb: exchange.method, path: exchange.url.pathname, code, ms };
    logger.debug({ ...fields, auditId: exchange.auditId }, 'answered a change');
  };

  const refuse = async (exchange: Exchange, error: unknown): Promise<number> => {
    if (exchange.response.headersSent || exchange.response.destroyed) {
      // Half an answer cannot be taken back; breaking it off at least tells the client.
      exchange.response.destroy();
      return exchange.response.statusCode;
    }
    const isCutShort = exchange.signal.aborted && !isApiError(error);
    const status = statusOfError(isCutShort ? exchange.signal.reason : error);
    if (status === undefined) {
      logger.error(
        { auditId: exchange.auditId, error: describeStack(error) },
        'a request failed unexpectedly',
      );
    }
    const refusal = statusAnswer(status ?? internalError(exchange.auditId));
    await send(exchange, refusal);
    return refusal.code;
  };

  const listen = (request: AnyRequest, response: AnyResponse): void => {
    response.on('error', () => undefined); // The client is gone; "close" follows and ends the work.
    const opened = open(request, response, clock);
    const { exchange } = opened;
    const isCounted = !exchange.isStream;
    const isFull = isCounted && inFlightCount >= maxInFlight;
    if (isCounted) inFlightCount += 1;
    const work = isFull ? send(exchange, tooManyRequests()) : answer(exchange);
    const done = work
      .catch((error: unknown) => {
        logger.warn(
          { auditId: exchange.auditId, error: describeError(error) },
          'an answer could not be sent',
        );
        response.destroy();
      })
      .finally(() => {
        if (isCounted) inFlightCount -= 1;
        opened.dispose();
        working.delete(done);
      });
    working.add(done);
  };
  return {
    listen,
    async idle() {
      await Promise.all(working);
    },
  };
}

function tooManyRequests(): Answer {
  const refusal = apiError('TooManyRequests', 'Too many requests, please try again later.', {
    retryAfterSeconds: 1,
  });
  return statusAnswer(refusal.status);
}

interface Opened {
  readonly exchange: Exchange;
  dispose(): void;
}

function open(request: AnyRequest, response: AnyResponse, clock: ServerDeps['clock']): Opened {
  const gone = new AbortController();
  const close = (): void => {
    gone.abort();
  };
  response.once('close', close);
  const method = request.method ?? 'GET';
  const url = rewriteWatchPrefix(parseUrl(request.url ?? '/'));
  const info = parseRequestInfo(method, url);
  const isStream = info?.isResource === true && (info.verb === 'watch' || isForeignSubresource(info));
  const deadline: Deadline | undefined = isStream
    ? undefined
    : createDeadline(clock, requestTimeoutMs, `answering ${method} ${url.pathname}`, gone.signal);
  return {
    exchange: {
      ...{ request, response, method, url, info },
      signal: deadline?.signal ?? gone.signal,
      isStream,
      warnings: new Set(),
      auditId: randomUUID(),
      log: { user: '' },
    },
    dispose() {
      response.off('close', close);
      deadline?.[Symbol.dispose]();
    },
  };
}

/** The content of an image may take longer than any other answer. */
function isForeignSubresource({ subresource }: ResourceRequest): boolean {
  return subresource !== undefined && !isObjectPart(subresource);
}

/** Never throws: a target that is no path becomes one that nothing is served at. */
function parseUrl(target: string): URL {
  const path = target.startsWith('/') ? target : '/invalid';
  return URL.parse(`https://localhost${path}`) ?? new URL('https://localhost/invalid');
}

function describeStack(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : describeError(error);
}
