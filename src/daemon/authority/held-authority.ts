import { deriveTokenKey } from '../../apiserver/authn/service-account-tokens.ts';
import type { KeyedCertificate } from '../pki/certificates.ts';
import { formerOf, newOf, type OpenExchange } from './exchange-record.ts';

/** Which authorities count on a member, and what each is for. */
export interface AuthorityState {
  /** Signs everything from now on. */
  readonly signing: KeyedCertificate;
  /** Vouches for what clients are shown: they may know no other. */
  readonly shown: KeyedCertificate;
  /** Counts as well, while one is exchanged for the other. */
  readonly other?: KeyedCertificate;
  readonly exchange?: OpenExchange;
}

/** The authority with which this member signs now. Whoever needs it asks each time: it changes while the member runs. */
export interface HeldAuthority extends KeyedCertificate {
  readonly shown: KeyedCertificate;
  /** PEM of all that count, the signing one first. The same array until that changes. */
  readonly trusted: readonly [string, ...string[]];
  /** For tokens of ServiceAccounts: the first one signs. The same array until that changes. */
  readonly tokenKeys: readonly [Uint8Array, ...Uint8Array[]];
  /** What is being carried out, for hosts that join meanwhile. */
  readonly exchange: OpenExchange | undefined;
  take(state: AuthorityState): void;
}

/** What a step means for the member that carries it out. */
export function stateIn(exchange: OpenExchange): AuthorityState {
  const former = formerOf(exchange);
  const next = newOf(exchange);
  switch (exchange.step) {
    case 'Trusted':
    case 'Returning':
      return { signing: former, shown: former, other: next, exchange };
    case 'Signing':
      return { signing: next, shown: former, other: former, exchange };
    case 'Ended':
      return { signing: next, shown: next, exchange };
    case 'Canceled':
      return { signing: former, shown: former, exchange };
  }
}

export function holdAuthority(first: AuthorityState): HeldAuthority {
  const held = { now: describe(first) };
  return {
    get certPem() {
      return held.now.signing.certPem;
    },
    get keyPem() {
      return held.now.signing.keyPem;
    },
    get shown() {
      return held.now.shown;
    },
    get trusted() {
      return held.now.trusted;
    },
    get tokenKeys() {
      return held.now.tokenKeys;
    },
    get exchange() {
      return held.now.exchange;
    },
    take(state) {
      held.now = describe(state);
    },
  };
}

interface Described extends AuthorityState {
  readonly trusted: readonly [string, ...string[]];
  readonly tokenKeys: readonly [Uint8Array, ...Uint8Array[]];
}

function describe(state: AuthorityState): Described {
  const { signing, other } = state;
  const others = other === undefined ? [] : [other];
  return {
    ...state,
    trusted: [signing.certPem, ...others.map(({ certPem }) => certPem)],
    tokenKeys: [deriveTokenKey(signing.keyPem), ...others.map(({ keyPem }) => deriveTokenKey(keyPem))],
  };
}
