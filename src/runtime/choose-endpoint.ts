import type { Clock } from '../base/clock.ts';
import { createDeadline } from '../base/deadline.ts';
import { openApiConnection, type ApiEndpoint } from './api-connection.ts';

// Each next one is asked without waiting longer for those before it: a member that is off does not answer at all.
const headStartMs = 300;
const patienceMs = 4_000;

/**
 * The first of the ways into a cluster that leads to a member that is ready. Where none is, the first that answers
 * anything, which will say what is wrong; else the first, whose error is as good as any.
 */
export async function chooseEndpoint(
  endpoints: readonly [ApiEndpoint, ...ApiEndpoint[]],
  clock: Clock,
  signal: AbortSignal,
): Promise<ApiEndpoint> {
  const [first] = endpoints;
  if (endpoints.length < 2) return first;
  using deadline = createDeadline(clock, patienceMs, 'looking for a member that answers', signal);
  const chosen = new AbortController();
  const either = AbortSignal.any([deadline.signal, chosen.signal]);
  const answering: ApiEndpoint[] = [];
  const attempts = endpoints.map(async (endpoint, index) => {
    if (index > 0) await clock.sleep(headStartMs * index, either);
    const code = await askReady(endpoint, either);
    if (code === 200) return endpoint;
    answering.push(endpoint);
    throw new Error(`${endpoint.server} answers ${code}`);
  });
  try {
    return await Promise.any(attempts);
  } catch {
    signal.throwIfAborted();
    return answering[0] ?? first;
  } finally {
    chosen.abort(new Error('another member has answered'));
  }
}

async function askReady(endpoint: ApiEndpoint, signal: AbortSignal): Promise<number> {
  const connection = openApiConnection(endpoint);
  try {
    const response = await connection.send({ method: 'GET', path: '/readyz', headers: {} }, signal);
    response.resume();
    return response.statusCode ?? 0;
  } finally {
    connection.close();
  }
}
