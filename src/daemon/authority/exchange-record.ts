import { X509Certificate } from 'node:crypto';
import type { ExchangeStep, ExchangeView } from '../../api/authority.ts';
import type { StoredEntry } from '../../consensus/store/store.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { fingerprintOf } from '../pki/public-key.ts';

/**
 * Where the exchange is in the store. It is no object of the API: whoever may read Secrets there, and whoever has made
 * himself an administrator with the key that has leaked, would have the new key too.
 */
export const exchangeKey = '/muster/authority-exchange';

/** The exchange of one authority for another, as the store and the data directory of each member have it. */
export interface AuthorityExchange {
  readonly step: ExchangeStep;
  /** RFC 3339, as the others. */
  readonly startedAt: string;
  readonly endsAt: string;
  readonly finishedAt?: string;
  /** PEM. */
  readonly formerCert: string;
  readonly newCert: string;
  /** Until every member has carried out the last step. */
  readonly keys?: { readonly former: string; readonly new: string };
}

/** One of which there is still something to carry out. */
export type OpenExchange = AuthorityExchange & Required<Pick<AuthorityExchange, 'keys'>>;

export function encodeExchange(exchange: AuthorityExchange): Uint8Array {
  return Buffer.from(JSON.stringify(exchange));
}

export function decodeExchange({ value }: Pick<StoredEntry, 'value'>): AuthorityExchange {
  return parseExchange(Buffer.from(value).toString('utf8'), exchangeKey);
}

/** The parser's own words would quote a key. */
export function parseExchange(text: string, where: string): AuthorityExchange {
  try {
    return JSON.parse(text) as AuthorityExchange; // written by a member
  } catch {
    throw new Error(`${where} is damaged: it is no JSON`);
  }
}

export function isOpen(exchange: AuthorityExchange | undefined): exchange is OpenExchange {
  return exchange?.keys !== undefined;
}

export function idOf({ newCert }: Pick<AuthorityExchange, 'newCert'>): string {
  return fingerprintOf(new X509Certificate(newCert));
}

/** Without the keys. */
export function viewOf(exchange: AuthorityExchange): ExchangeView {
  const { step, startedAt, endsAt, finishedAt } = exchange;
  const end = finishedAt === undefined ? {} : { finishedAt };
  return { step, id: idOf(exchange), startedAt, endsAt, ...end };
}

export function formerOf({ formerCert, keys }: OpenExchange): KeyedCertificate {
  return { certPem: formerCert, keyPem: keys.former };
}

export function newOf({ newCert, keys }: OpenExchange): KeyedCertificate {
  return { certPem: newCert, keyPem: keys.new };
}
