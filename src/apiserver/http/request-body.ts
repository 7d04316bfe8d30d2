import { apiError } from '../../api/api-error.ts';
import type { Exchange } from './exchange.ts';

const maxBodyBytes = 3 * 1024 * 1024; // what the Kubernetes API server takes

/** Reads the whole body, or refuses it as soon as it is known to be too large. */
export async function readBody({ request, signal }: Exchange): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(): Error {
  return apiError('RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`);
}
