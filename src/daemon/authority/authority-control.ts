import type { ExchangeView } from '../../api/authority.ts';
import { followPrefix } from '../../apiserver/registry/follow-prefix.ts';
import type { Clock } from '../../base/clock.ts';
import type { PeerDirectory } from '../../consensus/membership/membership.ts';
import type { Store } from '../../consensus/store/store.ts';
import type { AuthorityControl } from '../../controllers/cluster.ts';
import { advanceExchange } from './change-exchange.ts';
import { decodeExchange, exchangeKey, viewOf } from './exchange-record.ts';

/** The exchange of the authority as the controllers of one term see and advance it. They never see a key. */
export function createAuthorityControl(
  store: Store,
  { peers, term, clock }: { readonly peers: PeerDirectory; readonly term: number; readonly clock: Clock },
): AuthorityControl {
  const held: { revision: number; view?: ExchangeView | undefined } = { revision: -1 };
  return {
    exchange() {
      const entry = store.get(exchangeKey);
      if (entry === undefined) return undefined;
      // Asked every second, and to read a certificate costs more than to look.
      if (held.revision !== entry.revision) {
        held.view = viewOf(decodeExchange(entry));
        held.revision = entry.revision;
      }
      return held.view;
    },
    memberNames: () => peers.list().map(({ name }) => name),
    advanceExchange: (from, move, signal) => advanceExchange({ store, clock }, { from, move, term }, signal),
    subscribe: (changed) => followPrefix(store, exchangeKey, { reset: changed, change: changed }),
  };
}
