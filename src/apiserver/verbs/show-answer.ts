import { dump } from 'js-yaml';
import type { Clock } from '../../base/clock.ts';
import type { Representation } from '../http/accept.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import { type Exchange, headerOf } from '../http/exchange.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { JsonObject } from '../schema/json-object.ts';
import { toPartialObjectMetadata, toPartialObjectMetadataList } from '../table/partial-object-metadata.ts';
import { type TableRequest, parseIncludeObject } from '../table/table.ts';
import { joinList, joinTable } from './join-list.ts';
import type { ListAnswer, ObjectAnswer, PlainAnswer, ResourceContext } from './resource-context.ts';

type Shown = ListAnswer | ObjectAnswer | PlainAnswer;

/** The HTTP answer, in the form that the client asked for. */
export function showAnswer(answer: Shown, context: ResourceContext, clock: Clock): Answer {
  const { shape, encoding } = context.representation;
  if (answer.kind === 'list' && encoding === 'json') {
    const head = listMetadata(answer);
    const answerWith = (body: Buffer): Answer => ({
      ...{ code: answer.code, contentType: 'application/json', body },
    });
    if (shape === 'object') return answerWith(joinList(answer.entries, head, context.kind));
    if (shape === 'table') {
      return answerWith(joinTable(answer.entries, head, context.kind, tableRequest(context, clock)));
    }
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
    hidesOwners: isKubectl(exchange),
  };
}

/**
 * kubectl decodes the metadata of each row three times over and shows nothing of who owns which field, which is most
 * of it. Everybody else may look.
 */
function isKubectl({ request }: Exchange): boolean {
  return headerOf(request, 'user-agent')?.startsWith('kubectl/') === true;
}

function metaApiVersion({ metaVersion }: Representation): string {
  return `meta.k8s.io/${metaVersion}`;
}

function encode(code: number, body: unknown, { encoding }: Representation): Answer {
  if (encoding === 'json') return jsonAnswer(code, body);
  return { code, contentType: 'application/yaml', body: dump(body, { noRefs: true, lineWidth: -1 }) };
}
