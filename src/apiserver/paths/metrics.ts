import type { ApiMetrics } from '../metrics/api-metrics.ts';
import type { PathHandler } from './path-handler.ts';

/** `GET /metrics`, for those whom RBAC lets: the names of kinds and users' habits can be read from it. */
export function createMetricsHandler(metrics: ApiMetrics): PathHandler {
  return ({ url }) => (url.pathname === '/metrics' ? answer(metrics) : undefined);
}

async function answer(metrics: ApiMetrics) {
  return { code: 200, contentType: metrics.contentType, body: await metrics.format() };
}
