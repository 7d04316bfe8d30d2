import { apiError } from '../../api/api-error.ts';
import { parseAccept } from '../http/accept.ts';
import { type Answer, jsonAnswer, unknownPath } from '../http/answer.ts';
import { documentAnswer } from '../http/document.ts';
import { type Exchange, headerOf } from '../http/exchange.ts';
import {
  type OpenApiDocuments,
  createOpenApiDocuments,
  v2ProtobufTypes,
} from '../openapi/open-api-documents.ts';
import { type KindRegistry, servedKindsOf } from '../registry/kind-registry.ts';
import type { PathHandler } from './path-handler.ts';

const v3Prefix = '/openapi/v3/';

export function createOpenApiHandler(registry: KindRegistry): PathHandler {
  let cached: { readonly generation: number; readonly documents: OpenApiDocuments } | undefined;
  const documents = (): OpenApiDocuments => {
    if (cached?.generation !== registry.generation) {
      cached = {
        generation: registry.generation,
        documents: createOpenApiDocuments(servedKindsOf(registry)),
      };
    }
    return cached.documents;
  };
  return (exchange) => {
    const path = exchange.url.pathname.replace(/\/$/, '');
    if (path === '/openapi/v2') return answerV2(exchange, documents());
    if (path === '/openapi/v3') return jsonAnswer(200, documents().index());
    return path.startsWith(v3Prefix)
      ? answerV3(exchange, documents(), path.slice(v3Prefix.length))
      : undefined;
  };
}

function answerV2(exchange: Exchange, documents: OpenApiDocuments): Answer {
  const { accepted, sent } = v2ProtobufTypes;
  const jsonTypes = ['*/*', 'application/*', 'application/json'];
  const wanted = parseAccept(headerOf(exchange.request, 'accept')).find(
    ({ type }) => type === accepted || jsonTypes.includes(type),
  );
  if (wanted === undefined) {
    const types = `application/json, ${accepted}`;
    throw apiError('NotAcceptable', `only the following media types are accepted: ${types}`);
  }
  return wanted.type === accepted
    ? documentAnswer(exchange, { contentType: sent, ...documents.v2Protobuf() })
    : documentAnswer(exchange, { contentType: 'application/json', ...documents.v2() });
}

function answerV3(exchange: Exchange, documents: OpenApiDocuments, path: string): Answer {
  const document = documents.v3(path);
  if (document === undefined) return unknownPath;
  const wanted = exchange.url.searchParams.get('hash');
  if (wanted !== null && wanted !== '' && wanted !== document.hash) {
    const location = `${v3Prefix}${path}?hash=${document.hash}`;
    return { code: 301, contentType: 'text/plain', body: '', headers: { location } };
  }
  const answer = documentAnswer(exchange, { contentType: 'application/json', ...document });
  // An address with a hash never changes its content.
  return wanted === null || wanted === ''
    ? answer
    : { ...answer, headers: { ...answer.headers, 'cache-control': 'public, immutable, max-age=31536000' } };
}
