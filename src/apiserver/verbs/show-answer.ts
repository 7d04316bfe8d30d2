import { dump } from 'js-yaml';
import type { Clock } from '../../base/clock.ts';
import type { Representation } from '../http/accept.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import { encodeJson } from '../schema/encode-json.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { toPartialObjectMetadata, toPartialObjectMetadataList } from '../table/partial-object-metadata.ts';
import { type TableRequest, parseIncludeObject } from '../table/table.ts';
import type { ListAnswer, ObjectAnswer, PlainAnswer, ResourceContext } from './resource-context.ts';

type Shown = ListAnswer | ObjectAnswer | PlainAnswer;

/** The HTTP answer, in the form that the client asked for. */
export function showAnswer(answer: Shown, context: ResourceContext, clock: Clock): Answer {
  const { shape, encoding } = context.representation;
  if (answer.kind === 'list' && shape === 'object' && encoding === 'json') {
    return { code: answer.code, contentType: 'application/json', body: joinList(answer, context) };
  }
  const body = bodyOf(answer, context, clock);
  return encode(answer.code, body, context.representation);
}

function bodyOf(answer: Shown, context: ResourceContext, clock: Clock): unknown {
  switch (answer.kind) {
    case 'plain':
      return answer.body;
    case 'object':
      return showObject(answer.object, context, clock);
    case 'list':
      return showList(answer, context, clock);
  }
}

function showObject(object: JsonObject, context: ResourceContext, clock: Clock): JsonObject {
  const { kind, representation } = context;
  switch (representation.shape) {
    case 'object':
      return object;
    case 'metadata':
    case 'metadata-list':
      return toPartialObjectMetadata(object, metaApiVersion(representation));
    case 'table': {
      const { resourceVersion } = metadataOf(object);
      return kind.tabulator.table([object], { resourceVersion }, tableRequest(context, clock));
    }
  }
}

/** Without decoding and encoding: a big list is mostly bytes that the store has already. */
function joinList(answer: ListAnswer, { kind }: ResourceContext): Buffer {
  const head = { kind: kind.served.listKind, apiVersion: kind.apiVersion, metadata: listMetadata(answer) };
  const pieces: Uint8Array[] = [Buffer.from(`${encodeJson(head).slice(0, -1)},"items":[`)];
  for (const [index, entry] of answer.entries.entries()) {
    if (index > 0) pieces.push(comma);
    pieces.push(...kind.codec.pieces(entry));
  }
  pieces.push(Buffer.from(']}\n'));
  return Buffer.concat(pieces);
}

const comma = Buffer.from(',');

function listMetadata(answer: ListAnswer): JsonObject {
  return {
    resourceVersion: String(answer.revision),
    ...(answer.continue === undefined ? {} : { continue: answer.continue }),
    ...(answer.remainingItemCount === undefined ? {} : { remainingItemCount: answer.remainingItemCount }),
  };
}

function showList(answer: ListAnswer, context: ResourceContext, clock: Clock): JsonObject {
  const { kind, representation } = context;
  const metadata = listMetadata(answer);
  const items = answer.entries.map((entry) => kind.codec.decode(entry));
  switch (representation.shape) {
    case 'object':
      return { kind: kind.served.listKind, apiVersion: kind.apiVersion, metadata, items };
    case 'metadata':
    case 'metadata-list':
      return toPartialObjectMetadataList(items, metadata, metaApiVersion(representation));
    case 'table':
      return kind.tabulator.table(items, metadata, tableRequest(context, clock));
  }
}

function tableRequest({ exchange, representation }: ResourceContext, clock: Clock): TableRequest {
  return {
    includeObject: parseIncludeObject(exchange.url.searchParams.get('includeObject')),
    apiVersion: metaApiVersion(representation),
    now: clock.now(),
  };
}

function metaApiVersion({ metaVersion }: Representation): string {
  return `meta.k8s.io/${metaVersion}`;
}

function encode(code: number, body: unknown, { encoding }: Representation): Answer {
  if (encoding === 'json') return jsonAnswer(code, body);
  return { code, contentType: 'application/yaml', body: dump(body, { noRefs: true, lineWidth: -1 }) };
}
