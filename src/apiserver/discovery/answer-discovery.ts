import { parseAccept } from '../http/accept.ts';
import { type Answer, jsonAnswer, unknownPath } from '../http/answer.ts';
import { documentAnswer } from '../http/document.ts';
import { type Exchange, headerOf } from '../http/exchange.ts';
import type { KindRegistry } from '../registry/kind-registry.ts';
import type { Subresource } from '../verbs/subresource.ts';
import {
  buildAggregated,
  buildApiVersions,
  buildGroupList,
  findGroup,
  findResourceList,
} from './discovery-documents.ts';
import { type DiscoveredVersion, discoverVersions } from './resource-list.ts';

export interface Discovery {
  /** Answers `/api`, `/apis` and what lies directly below; undefined for every other path. */
  answer(exchange: Exchange): Answer | undefined;
}

export function createDiscovery(registry: KindRegistry, subresources: readonly Subresource[]): Discovery {
  // Every kubectl command asks; the answer changes with the kinds only.
  let cached: { readonly generation: number; readonly versions: readonly DiscoveredVersion[] } | undefined;
  const versions = (): readonly DiscoveredVersion[] => {
    if (cached?.generation !== registry.generation) {
      cached = { generation: registry.generation, versions: discoverVersions(registry, subresources) };
    }
    return cached.versions;
  };
  return {
    answer(exchange) {
      const [root, ...rest] = exchange.url.pathname.split('/').filter((segment) => segment !== '');
      if (root === 'api') return answerCore(exchange, versions(), rest);
      return root === 'apis' ? answerGroups(exchange, versions(), rest) : undefined;
    },
  };
}

function answerCore(
  exchange: Exchange,
  versions: readonly DiscoveredVersion[],
  [version, ...rest]: readonly string[],
): Answer | undefined {
  if (rest.length > 0) return undefined;
  if (version !== undefined) return orUnknown(findResourceList(versions, '', version));
  const host = headerOf(exchange.request, ':authority') ?? headerOf(exchange.request, 'host') ?? '';
  return answerAggregated(exchange, versions, true) ?? jsonAnswer(200, buildApiVersions(host));
}

function answerGroups(
  exchange: Exchange,
  versions: readonly DiscoveredVersion[],
  [group, version, ...rest]: readonly string[],
): Answer | undefined {
  if (rest.length > 0) return undefined;
  if (group === undefined) {
    return answerAggregated(exchange, versions, false) ?? jsonAnswer(200, buildGroupList(versions));
  }
  if (version === undefined) return orUnknown(findGroup(versions, group));
  return orUnknown(findResourceList(versions, group, version));
}

function orUnknown(document: object | undefined): Answer {
  return document === undefined ? unknownPath : jsonAnswer(200, document);
}

/** The client names the version that it understands; handing it another one breaks it without a word. */
function answerAggregated(
  exchange: Exchange,
  versions: readonly DiscoveredVersion[],
  isCore: boolean,
): Answer | undefined {
  for (const { type, parameters } of parseAccept(headerOf(exchange.request, 'accept'))) {
    if (type !== 'application/json' && type !== '*/*') continue;
    const version = parameters.get('v') ?? '';
    const isAggregated =
      parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('as') === 'APIGroupDiscoveryList';
    if (!isAggregated) {
      if (parameters.size === 0 || parameters.has('q')) return undefined;
      continue;
    }
    if (version !== 'v2' && version !== 'v2beta1') continue;
    const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    const body = JSON.stringify(buildAggregated(versions, version, isCore));
    return documentAnswer(exchange, { contentType, body });
  }
  return undefined;
}
