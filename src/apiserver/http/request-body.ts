import { apiError } from '../../api/api-error.ts';
import type { Exchange } from './exchange.ts';

const maxBodyBytes = 3 * 1024 * 1024; // what the Kubernetes API server takes

/** Reads the whole body, or refuses it as soon as it is known to be too large. */
export async function readBody({ request, signal, log }: Exchange): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw drain({ request });
  const chunks: Buffer[] = [];
  const state = { size: 0 };
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const take = (chunk: Buffer): void => {
    state.size += chunk.length;
    if (state.size > maxBodyBytes) reject(drain({ request }));
    else chunks.push(chunk);
  };
  const stop = (): void => {
    reject(signal.reason instanceof Error ? signal.reason : new Error('the client went away'));
  };
  const end = (): void => {
    resolve(undefined);
  };
  signal.addEventListener('abort', stop, { once: true });
  // Not an async iterator: giving one up destroys the connection, and with it the answer that says why.
  request.on('data', take).once('end', end).once('error', reject).once('close', stop);
  try {
    signal.throwIfAborted();
    await promise;
    const body = Buffer.concat(chunks, state.size);
    if (log.keepsBody === true) log.requestBody = body;
    return body;
  } finally {
    signal.removeEventListener('abort', stop);
    request.off('data', take).off('end', end).off('error', reject).off('close', stop);
  }
}

/** The client may send its body to the end before it reads the answer; the rest is taken and forgotten. */
function drain({ request }: Pick<Exchange, 'request'>): Error {
  request.on('error', () => undefined);
  request.resume();
  return apiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`);
}
