import { createHash } from 'node:crypto';
import type { Answer } from './answer.ts';
import { type Exchange, headerOf } from './exchange.ts';

/** A document that clients cache: the same bytes until the kinds change. */
export interface CachedDocument {
  readonly contentType: string;
  readonly body: Uint8Array | string;
  /** Names the content; worked out from the body when the maker of the document has not done so. */
  readonly hash?: string;
}

/** 304 when the client already has it. */
export function documentAnswer(exchange: Exchange, document: CachedDocument): Answer {
  const { contentType, body, hash = createHash('sha256').update(body).digest('hex') } = document;
  const etag = `"${hash}"`;
  const headers = { etag, vary: 'Accept, Accept-Encoding' };
  const known = (headerOf(exchange.request, 'if-none-match') ?? '').split(',').map((tag) => tag.trim());
  if (known.includes(etag)) return { code: 304, contentType, body: '', headers };
  return { code: 200, contentType, body, headers };
}
