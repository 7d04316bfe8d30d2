import type { StoredEntry, StoreReader } from '../../consensus/store/store.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { eventPrefix } from '../registry/storage-key.ts';
import { followPrefix } from '../registry/follow-prefix.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { UpkeepContext } from './upkeep-context.ts';

export interface EventLimits {
  readonly keptMs: number;
  /** Each member holds them in memory, and a storm of changes tells one or two of each. */
  readonly maxCount: number;
}

const defaultLimits: EventLimits = {
  keptMs: 60 * 60 * 1000, // as long as Kubernetes keeps them
  maxCount: 10_000,
};
const batch = { size: 100, perPass: 5 };

export interface EventExpiry {
  /** Forgets events that nobody has repeated for an hour, and of too many those that were last told longest ago. */
  readonly expireEvents: (context: UpkeepContext) => Promise<void>;
  close(): void;
}

/** Notes how old each event is when it comes, so that the many others cost nothing when something changes. */
export function createEventExpiry(
  store: StoreReader,
  { keptMs, maxCount }: EventLimits = defaultLimits,
): EventExpiry {
  /** In the order in which they were told. */
  const seenMs = new Map<string, number>();
  // No event is older; it may be younger than that when the oldest one is gone or was repeated.
  let oldestMs = Number.POSITIVE_INFINITY;
  const put = (key: string, entry: StoredEntry | undefined): void => {
    seenMs.delete(key);
    if (entry === undefined) return;
    const ms = readLastSeenMs(decodeStoredJson(entry.value) as JsonObject);
    seenMs.set(key, ms);
    oldestMs = Math.min(oldestMs, ms);
  };
  const close = followPrefix(store, eventPrefix, {
    reset(entries) {
      seenMs.clear();
      oldestMs = Number.POSITIVE_INFINITY;
      for (const entry of entries.toSorted((one, other) => one.revision - other.revision))
        put(entry.key, entry);
    },
    change(changes) {
      for (const { key, entry } of changes) put(key, entry);
    },
  });

  return {
    close,
    async expireEvents(context) {
      for (let count = 0; count < batch.perPass && seenMs.size > maxCount; count += 1) {
        const excess = Math.min(seenMs.size - maxCount, batch.size);
        await removeEvents(context, [...seenMs.keys().take(excess)]);
      }
      const horizonMs = context.clock.now() - keptMs;
      if (oldestMs >= horizonMs) return;
      const old = [...seenMs].filter(([, ms]) => ms < horizonMs).map(([key]) => key);
      await removeEvents(context, old.slice(0, batch.size));
      oldestMs = seenMs.values().reduce((oldest, ms) => Math.min(oldest, ms), Number.POSITIVE_INFINITY);
    },
  };
}

async function removeEvents({ store, term, signal }: UpkeepContext, keys: readonly string[]): Promise<void> {
  const old = keys.map((key) => store.get(key)).filter((entry) => entry !== undefined);
  if (old.length === 0) return;
  // An event that is repeated in this very moment breaks the batch, which the next pass makes anew.
  const conditions = old.map(({ key, revision }) => ({ key, revision }));
  const operations = old.map(({ key }) => ({ kind: 'delete', key }) as const);
  await store.commit({ conditions, operations, term }, signal);
}

function readLastSeenMs(event: JsonObject): number {
  const { lastTimestamp, eventTime, series } = event as {
    lastTimestamp?: string | null;
    eventTime?: string | null;
    series?: { lastObservedTime?: string | null };
  };
  const seen = [series?.lastObservedTime, lastTimestamp, eventTime, metadataOf(event).creationTimestamp]
    .map((time) => Date.parse(time ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return Math.max(0, ...seen);
}
