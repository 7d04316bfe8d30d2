import { ApiError, apiError, type Status, type StatusReason } from '../api/api-error.ts';

const reasons = new Map<number, StatusReason>([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [406, 'NotAcceptable'],
  [409, 'Conflict'],
  [410, 'Expired'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [422, 'Invalid'],
  [429, 'TooManyRequests'],
  [503, 'ServiceUnavailable'],
  [504, 'Timeout'],
  [507, 'InsufficientStorage'],
]);

/** Turns the answer of a refused request into the error that the server meant. */
export function refusalFrom(code: number, body: string, doing: string): ApiError {
  const status = parseStatus(body);
  if (status !== undefined) return new ApiError(status);
  const error = apiError(reasons.get(code) ?? 'InternalError', `${doing}: HTTP ${code}`);
  return new ApiError({ ...error.status, code });
}

/** Not reached, or lost on the way: nothing is known but that the API did not answer. */
export function unreachable(doing: string, cause: unknown): ApiError {
  return new ApiError(apiError('ServiceUnavailable', doing).status, { cause });
}

function parseStatus(body: string): Status | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isStatus(parsed) ? parsed : undefined;
  } catch {
    // Not JSON: a proxy or another server answered, and its text tells people nothing.
    return undefined;
  }
}

export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}
