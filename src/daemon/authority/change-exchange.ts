import { X509Certificate } from 'node:crypto';
import { apiError } from '../../api/api-error.ts';
import type { ExchangeStep, ExchangeView } from '../../api/authority.ts';
import { formatTimestamp } from '../../api/timestamp.ts';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../consensus/store/store.ts';
import type { ExchangeMove } from '../../reconcilers/cluster/authority-exchange.ts';
import { createAuthority, type KeyedCertificate } from '../pki/certificates.ts';
import { createPrivateKeyPem } from '../pki/key-pair.ts';
import {
  decodeExchange,
  encodeExchange,
  exchangeKey,
  isOpen,
  viewOf,
  type AuthorityExchange,
} from './exchange-record.ts';

export interface ChangeExchangeDeps {
  readonly store: Pick<Store, 'commit' | 'get' | 'readBarrier'>;
  readonly authority: KeyedCertificate;
  readonly clock: Pick<Clock, 'now'>;
}

type Change = (
  stored: AuthorityExchange | undefined,
) => AuthorityExchange | Promise<AuthorityExchange> | undefined;

const mostConflicts = 5;
const defaultEndsInSeconds = 30 * 24 * 3_600;

/** Begins an exchange, or changes when one that goes on ends. */
export async function beginExchange(
  deps: ChangeExchangeDeps,
  endsInSeconds: number | undefined,
  signal: AbortSignal,
): Promise<AuthorityExchange> {
  const endsAt = (seconds: number): string => formatTimestamp(deps.clock.now() + seconds * 1_000);
  return write(
    deps,
    (stored) => {
      if (!isOpen(stored)) return foundNext(deps, stored, endsAt(endsInSeconds ?? defaultEndsInSeconds));
      if (stored.step === 'Trusted' || stored.step === 'Signing') {
        return endsInSeconds === undefined ? undefined : { ...stored, endsAt: endsAt(endsInSeconds) };
      }
      // Whoever asks once more wants to see how far it is.
      if (stored.step === 'Ended' && endsInSeconds === undefined) return undefined;
      throw apiError('Conflict', `the last exchange has not finished: ${tellOpen(stored.step)}`);
    },
    signal,
  );
}

function tellOpen(step: ExchangeStep): string {
  return step === 'Ended'
    ? 'a member is missing; bring it back, or remove it ("muster cluster show" says which)'
    : 'it was canceled, and members are on the way back';
}

/** Goes back: what the new authority has signed so far will not count. */
export async function cancelExchange(
  deps: ChangeExchangeDeps,
  signal: AbortSignal,
): Promise<AuthorityExchange> {
  return write(
    deps,
    (stored) => {
      if (!isOpen(stored)) throw apiError('Conflict', 'the authority is not being exchanged');
      if (stored.step === 'Ended') {
        throw apiError(
          'Conflict',
          'the former authority has ceased to count already: it cannot be canceled any more',
        );
      }
      return stored.step === 'Trusted' || stored.step === 'Signing'
        ? { ...stored, step: 'Returning' }
        : undefined;
    },
    signal,
  );
}

/** Done by the member that leads, in its term; does nothing when another one was quicker. */
export async function advanceExchange(
  { store, clock }: Pick<ChangeExchangeDeps, 'clock' | 'store'>,
  { from, move, term }: { readonly from: ExchangeView; readonly move: ExchangeMove; readonly term: number },
  signal: AbortSignal,
): Promise<void> {
  const entry = store.get(exchangeKey);
  if (entry === undefined) return;
  const stored = decodeExchange(entry);
  const { step, id, endsAt } = viewOf(stored);
  if (step !== from.step || id !== from.id || endsAt !== from.endsAt) return;
  const { keys: _keys, ...withoutKeys } = stored;
  const next: AuthorityExchange =
    move === 'finish'
      ? { ...withoutKeys, finishedAt: formatTimestamp(clock.now()) }
      : { ...stored, step: move };
  const { key, revision } = entry;
  const operation = { kind: 'put', key, value: encodeExchange(next) } as const;
  await store.commit({ conditions: [{ key, revision }], operations: [operation], term }, signal);
}

async function foundNext(
  { authority, clock }: ChangeExchangeDeps,
  stored: AuthorityExchange | undefined,
  endsAt: string,
): Promise<AuthorityExchange> {
  const { certPem, keyPem } = authority;
  const own = new X509Certificate(certPem);
  const agreed = stored?.step === 'Ended' ? stored.newCert : stored?.formerCert;
  if (agreed !== undefined && !new X509Certificate(agreed).publicKey.equals(own.publicKey)) {
    throw apiError('ServiceUnavailable', 'this member has still to follow the last exchange', {
      retryAfterSeconds: 1,
    });
  }
  // Under the same name: what tells the two apart is the identifier of the key, which each certificate carries.
  const id = /^CN=muster-(.+)$/.exec(own.subject)?.[1] ?? 'cluster';
  const newKey = createPrivateKeyPem();
  const newCert = await createAuthority(id, newKey, clock.now());
  return {
    step: 'Trusted',
    startedAt: formatTimestamp(clock.now()),
    endsAt,
    formerCert: certPem,
    newCert,
    keys: { former: keyPem, new: newKey },
  };
}

/** Any member may do it: the store takes one of several that come at once. */
async function write(
  { store }: Pick<ChangeExchangeDeps, 'store'>,
  change: Change,
  signal: AbortSignal,
): Promise<AuthorityExchange> {
  for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
    await store.readBarrier(signal);
    const entry = store.get(exchangeKey);
    const stored = entry === undefined ? undefined : decodeExchange(entry);
    const next = await change(stored);
    if (next === undefined && stored !== undefined) return stored;
    if (next === undefined) break;
    const condition = { key: exchangeKey, revision: entry?.revision ?? 0 };
    const operation = { kind: 'put', key: exchangeKey, value: encodeExchange(next) } as const;
    const { kind } = await store.commit({ conditions: [condition], operations: [operation] }, signal);
    if (kind === 'committed') return next;
  }
  throw apiError('Conflict', 'others change the exchange of the authority at the same time; try again');
}
