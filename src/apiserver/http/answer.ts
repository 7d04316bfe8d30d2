import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Status } from '../../api/api-error.ts';
import { encodeJson } from '../schema/encode-json.ts';
import { indentJson, wantsIndented } from './indent-json.ts';
import { type Exchange, headerOf, sendHead, writeChunk } from './exchange.ts';

const gzipThresholdBytes = 128 * 1024; // below that, compressing costs more than sending
const maxWarnings = { total: 4096, each: 256 }; // characters, as in Kubernetes
const compress = promisify(gzip);

export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Uint8Array | string;
  readonly headers?: Record<string, string>;
}

export function jsonAnswer(code: number, value: unknown, headers?: Record<string, string>): Answer {
  return {
    code,
    contentType: 'application/json',
    body: `${encodeJson(value)}\n`,
    ...(headers === undefined ? {} : { headers }),
  };
}

export function textAnswer(code: number, text: string): Answer {
  return { code, contentType: 'text/plain; charset=utf-8', body: text };
}

/** Unknown paths are answered in plain text: kubectl turns exactly that into "doesn't have a resource type". */
export const unknownPath: Answer = textAnswer(404, '404 page not found\n');

export function statusAnswer(status: Status): Answer {
  const retryAfter = status.details?.retryAfterSeconds;
  return jsonAnswer(
    status.code ?? 200,
    status,
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
}

export async function send(exchange: Exchange, answer: Answer): Promise<void> {
  const { response, method } = exchange;
  const isIndented = answer.contentType === 'application/json' && wantsIndented(exchange);
  const plain = bytesOf(isIndented ? indentJson(bytesOf(answer.body).toString()) : answer.body);
  const isCompressed = plain.length > gzipThresholdBytes && acceptsGzip(exchange);
  const body = isCompressed ? await compress(plain, { level: 1 }) : plain;
  sendHead(response, answer.code, {
    'content-type': answer.contentType,
    ...commonHeaders(exchange),
    ...(isCompressed ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...answer.headers,
    // Bytes of a refused upload may still be on their way; they must not become the next request.
    ...(exchange.request.complete || 'stream' in exchange.request ? {} : { connection: 'close' }),
    'content-length': String(body.length),
  });
  if (method !== 'HEAD') writeChunk(response, body);
  response.end();
  await untilTaken(exchange);
}

/** What a slow reader has not taken stays in memory, so that the request's deadline holds for it too. */
async function untilTaken({ response, signal }: Exchange): Promise<void> {
  if (signal.aborted || response.writableFinished || response.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = (): void => resolve(undefined);
  const cut = (): void => {
    response.destroy();
    done();
  };
  const stream = response as Writable; // both kinds of response are
  stream.once('finish', done).once('close', done);
  signal.addEventListener('abort', cut, { once: true });
  await promise;
  signal.removeEventListener('abort', cut);
  stream.off('finish', done).off('close', done);
}

/** A view where there are bytes already: a big list need not be copied. */
function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === 'string'
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.length);
}

export function commonHeaders({ warnings, auditId }: Exchange): Record<string, string> {
  const texts = limitWarnings([...warnings]).map((text) => `299 - "${escapeQuoted(text)}"`);
  return {
    'audit-id': auditId,
    'cache-control': 'no-cache, private',
    ...(texts.length === 0 ? {} : { warning: texts.join(', ') }),
  };
}

/** A header beyond what clients take fails the whole answer: long texts are cut first, and the last ones left out. */
function limitWarnings(texts: readonly string[]): readonly string[] {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length <= maxWarnings.total) return texts;
  const cut = texts.map((text) => text.slice(0, maxWarnings.each));
  let room = maxWarnings.total;
  return cut.filter((text) => (room -= text.length) >= 0);
}

function escapeQuoted(text: string): string {
  // Header values are Latin-1 without control characters; anything else would fail the whole answer.
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, String.raw`\$&`);
}

function acceptsGzip({ request }: Exchange): boolean {
  return /\bgzip\b/.test(headerOf(request, 'accept-encoding') ?? '');
}
