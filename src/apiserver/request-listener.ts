import { randomUUID } from 'node:crypto';
import { isApiError } from '../api/api-error.ts';
import { type Deadline, createDeadline } from '../base/deadline.ts';
import { describeError } from '../base/describe-error.ts';
import type { Logger } from '../base/logger.ts';
import { tooManyRequests } from './flow/flow-control.ts';
import { type RequestDeps, handleRequest } from './handle-request.ts';
import { type Answer, send, statusAnswer } from './http/answer.ts';
import { internalError, statusOfError } from './http/error-status.ts';
import type { AnyRequest, AnyResponse, Exchange } from './http/exchange.ts';
import { readTimeoutMs } from './http/request-timeout.ts';
import { type ResourceRequest, parseRequestInfo } from './http/request-info.ts';
import { rewriteWatchPrefix } from './http/watch-prefix.ts';
import { isObjectPart } from './parts/object-parts.ts';
import type { ServerDeps } from './server-deps.ts';

const maxUnknown = 2_000; // a bound before anybody is known; the shares are flow control's
const readMethods = new Set(['GET', 'HEAD']);
/** What logs say of a request whose client did not wait for the answer; nobody receives it. */
const clientClosedRequest = 499;
// Made once: every request's signal aborts when its connection or stream ends, also after the answer.
const clientGone = new Error('the client has gone away');

export interface RequestListener {
  listen(request: AnyRequest, response: AnyResponse): void;
  /** Resolves when everything that is being answered now has been answered. */
  idle(): Promise<void>;
}

/** Runs the stages for each request, turns what they throw into a Status, and logs what changed something. */
export function createRequestListener(
  requestDeps: RequestDeps,
  { clock, logger, audit, metrics }: ServerDeps,
  addressOf: (request: AnyRequest) => string | undefined = () => undefined,
): RequestListener {
  let inFlightCount = 0;
  const working = new Set<Promise<void>>();

  const answer = async (exchange: Exchange, refusal: Error | undefined): Promise<void> => {
    const [receivedMs, startMs] = [clock.now(), clock.monotonicMs()];
    const { code, answered } = await (refusal === undefined ? handle(exchange) : refuse(exchange, refusal));
    const ms = Math.round(clock.monotonicMs() - startMs);
    const { info, isStream } = exchange;
    metrics.countRequest(info, { code, isStream, seconds: ms / 1_000 });
    audit.record(exchange, code, answered, receivedMs);
    if (readMethods.has(exchange.method)) return;
    const fields = { ...exchange.log, verb: exchange.method, path: exchange.url.pathname, code, ms };
    logger.debug({ ...fields, auditId: exchange.auditId }, 'answered a change');
  };

  const handle = async (exchange: Exchange): Promise<Handled> => {
    try {
      const answered = await handleRequest(exchange, requestDeps);
      if (answered !== undefined) await send(exchange, answered);
      return { code: answered?.code ?? exchange.response.statusCode, answered };
    } catch (error) {
      return refuse(exchange, error);
    }
  };

  const refuse = createRefuser(logger);

  const listen = (request: AnyRequest, response: AnyResponse): void => {
    response.on('error', () => undefined); // The client is gone; "close" follows and ends the work.
    const opened = open(request, response, clock);
    opened.exchange.log.address = addressOf(request);
    const { exchange } = opened;
    const isCounted = !exchange.isStream;
    const isFull = isCounted && inFlightCount >= maxUnknown;
    if (isCounted) inFlightCount += 1;
    const work = answer(exchange, isFull ? tooManyRequests() : undefined);
    const done = work
      .catch((error: unknown) => {
        const level = exchange.isClientGone() ? 'debug' : 'warn';
        logger[level](
          { auditId: exchange.auditId, error: describeError(error) },
          'an answer could not be sent',
        );
        response.destroy();
      })
      .finally(() => {
        if (isCounted) inFlightCount -= 1;
        exchange.log.leave?.();
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

interface Handled {
  readonly code: number;
  /** Absent where the handler has written the response itself. */
  readonly answered?: Answer | undefined;
}

type Refuser = (exchange: Exchange, error: unknown) => Promise<Handled>;

function createRefuser(logger: Logger): Refuser {
  return async (exchange, error) => {
    // Whatever went wrong then, most likely because of it: there is nobody to tell, and nothing to look into.
    if (exchange.isClientGone()) {
      logger.debug({ auditId: exchange.auditId, error: describeError(error) }, 'a client did not wait');
      return { code: clientClosedRequest };
    }
    if (exchange.response.headersSent || exchange.response.destroyed) {
      // Half an answer cannot be taken back; breaking it off at least tells the client.
      exchange.response.destroy();
      return { code: exchange.response.statusCode };
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
    return { code: refusal.code, answered: refusal };
  };
}

interface Opened {
  readonly exchange: Exchange;
  dispose(): void;
}

function open(request: AnyRequest, response: AnyResponse, clock: ServerDeps['clock']): Opened {
  const gone = new AbortController();
  const close = (): void => {
    gone.abort(clientGone);
  };
  response.once('close', close);
  const method = request.method ?? 'GET';
  const url = rewriteWatchPrefix(parseUrl(request.url ?? '/'));
  const info = parseRequestInfo(method, url);
  const isStream = info?.isResource === true && (info.verb === 'watch' || isForeignSubresource(info));
  const deadline: Deadline | undefined = isStream
    ? undefined
    : createDeadline(
        clock,
        readTimeoutMs(url.searchParams),
        `answering ${method} ${url.pathname}`,
        gone.signal,
      );
  return {
    exchange: {
      ...{ request, response, method, url, info },
      signal: deadline?.signal ?? gone.signal,
      isClientGone: () => gone.signal.aborted || isDestroyed(response),
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

/** The stream of HTTP/2 ends before its response says so. */
function isDestroyed(response: AnyResponse): boolean {
  return 'stream' in response ? response.stream.destroyed : response.destroyed;
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
