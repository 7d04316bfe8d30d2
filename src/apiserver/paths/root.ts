import { jsonAnswer } from '../http/answer.ts';
import type { KindRegistry } from '../registry/kind-registry.ts';
import type { PathHandler } from './path-handler.ts';

const fixedPaths = [
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/readyz',
  '/version',
];

/** `GET /` lists what there is, for people who look around with curl. */
export function createIndexHandler(registry: KindRegistry): PathHandler {
  return ({ url }) => {
    if (url.pathname !== '/') return undefined;
    const named = registry.list().filter(({ served }) => served.group !== '');
    const groupPaths = named.flatMap(({ served: { group, version } }) => [
      `/apis/${group}`,
      `/apis/${group}/${version}`,
    ]);
    return jsonAnswer(200, { paths: [...new Set([...fixedPaths, ...groupPaths])].toSorted() });
  };
}
