import type { StoredEntry } from '../../consensus/store/store.ts';
import { decodeStoredJson } from '../schema/decode-json.ts';
import { eventPrefix } from '../registry/storage-key.ts';
import { metadataOf } from '../registry/metadata-of.ts';
import type { JsonObject } from '../schema/json-object.ts';
import type { UpkeepContext } from './upkeep-context.ts';

const keptMs = 60 * 60 * 1000; // as long as Kubernetes keeps them
const batchSize = 100;
const lookEveryMs = 30_000;

// Entries never change. Each is read once, and without the registry's codec, which would keep all of it.
const seenMs = new WeakMap<StoredEntry, number>();

/** Forgets events that nobody has repeated for an hour. There are many: not every change is a reason to look. */
export function createEventExpiry(): (context: UpkeepContext) => Promise<void> {
  let nextLookMs = 0;
  return async function expireEvents(context) {
    const nowMs = context.clock.monotonicMs();
    if (nowMs < nextLookMs) return;
    const count = await expireBatch(context);
    if (count < batchSize) nextLookMs = nowMs + lookEveryMs;
  };
}

async function expireBatch({ store, clock, term, signal }: UpkeepContext): Promise<number> {
  const horizonMs = clock.now() - keptMs;
  const old = store
    .range(eventPrefix)
    .entries.filter((entry) => lastSeenMs(entry) < horizonMs)
    .slice(0, batchSize);
  if (old.length === 0) return 0;
  // An event that is repeated in this very moment breaks the batch, which the next pass makes anew.
  const conditions = old.map(({ key, revision }) => ({ key, revision }));
  const operations = old.map(({ key }) => ({ kind: 'delete', key }) as const);
  await store.commit({ conditions, operations, term }, signal);
  return old.length;
}

function lastSeenMs(entry: StoredEntry): number {
  const known = seenMs.get(entry) ?? readLastSeenMs(decodeStoredJson(entry.value) as JsonObject);
  seenMs.set(entry, known);
  return known;
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
