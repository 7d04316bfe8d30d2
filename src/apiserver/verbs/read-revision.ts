import { apiError, type StatusCause } from '../../api/api-error.ts';
import { createDeadline } from '../../base/deadline.ts';
import { fieldCause } from '../schema/field-cause.ts';
import type { ServerDeps } from '../server-deps.ts';
import { invalidOptions } from './write-options.ts';

const maxWaitMs = 3_000; // a client that is ahead of this member by more is told to come back

/** The revision of a resourceVersion parameter; undefined when it is absent. */
export function parseResourceVersion(text: string | null, optionsKind = 'ListOptions'): number | undefined {
  if (text === null || text === '') return undefined;
  const revision = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(revision)) return revision;
  throw invalidOptions(optionsKind, fieldCause.invalid('resourceVersion', text, 'must be a decimal integer'));
}

/** Waits until this member's cache may answer: the newest state, any state, or one not older than asked for. */
export async function reachRevision(
  { store, clock }: Pick<ServerDeps, 'clock' | 'store'>,
  wanted: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (wanted === undefined) {
    await store.readBarrier(signal);
    return;
  }
  if (wanted <= store.revision) return;
  using deadline = createDeadline(clock, maxWaitMs, `waiting for revision ${wanted}`, signal);
  try {
    await store.waitForRevision(wanted, deadline.signal);
  } catch (error) {
    if (!deadline.signal.aborted || signal.aborted) throw error;
    throw tooLargeRevision(wanted, store.revision);
  }
}

function tooLargeRevision(wanted: number, current: number): Error {
  const cause: StatusCause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' };
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return apiError('Timeout', message, { causes: [cause], retryAfterSeconds: 1 });
}
