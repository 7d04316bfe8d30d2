import type { RevisionFeed } from '../store/leading/revision-feed.ts';
import type { RevisionRecord } from '../store/state/history.ts';
import type { CommittedRevision, StoreState } from '../store/state/store-state.ts';
import type { StoredEntry, WriteOperation } from '../store/store.ts';
import { encodeFrame } from './frame.ts';
import { encodeEntries, encodeRevisions } from './messages.ts';
import type { PeerConnection } from './peer-connection.ts';

const chunkBytes = 1024 * 1024;
const chunkCount = 1_000;

export interface FollowerStreamOptions {
  readonly term: { readonly term: number; readonly feed: RevisionFeed };
  readonly state: StoreState;
  readonly frames: BatchFrames;
}

/** Encodes each batch once, however many members follow. */
export class BatchFrames {
  readonly #frames = new WeakMap<readonly CommittedRevision[], Buffer>();

  get(batch: readonly CommittedRevision[], compacted: number): Buffer {
    const frame = this.#frames.get(batch) ?? revisionsFrame(batch, compacted);
    this.#frames.set(batch, frame);
    return frame;
  }
}

/**
 * Brings one follower up to date and then passes on every commit: first what it missed, from the history, and
 * where that does not reach back far enough from a snapshot of its begin, so that the follower serves the same
 * past as every other member; in chunks that wait for it. Then live batches, which do not wait.
 */
export async function streamToFollower(
  connection: PeerConnection,
  options: FollowerStreamOptions,
  fromRevision: number,
): Promise<void> {
  const { term, state, frames } = options;
  let sent = fromRevision;
  if (sent < state.compactedRevision || sent > state.revision) sent = await sendSnapshot(connection, state);
  // Nothing can be committed between the last look and the subscription: no await lies between them.
  while (sent < state.revision && !connection.isClosed) sent = await sendHistory(connection, state, sent);
  if (connection.isClosed) return;
  connection.push(encodeFrame({ kind: 'push', topic: 'floor', compacted: state.compactedRevision }));
  const unsubscribe = term.feed.subscribe({
    publish(batch, compacted) {
      if (connection.isClosed) unsubscribe();
      else connection.push(frames.get(batch, compacted));
    },
    successor: (member) => connection.push(encodeFrame({ kind: 'push', topic: 'successor', member })),
    space: (level) => connection.push(encodeFrame({ kind: 'push', topic: 'space', level })),
    ended: () => connection.close(new Error(`term ${term.term} is over`)),
  });
}

async function sendSnapshot(connection: PeerConnection, state: StoreState): Promise<number> {
  // Held from here on: the snapshot may take longer than compaction leaves its successors.
  const { revision, entries } = state.range('', { atRevision: state.compactedRevision });
  const successors = [...state.history.after(revision)];
  connection.push(encodeFrame({ kind: 'push', topic: 'snapshot-start' }));
  for (const chunk of chunked(entries, ({ value }: StoredEntry) => value.byteLength)) {
    const { fields, payload } = encodeEntries(chunk);
    connection.push(encodeFrame({ kind: 'push', topic: 'snapshot-part', ...fields }, payload));
    await connection.drained();
    if (connection.isClosed) break;
  }
  connection.push(encodeFrame({ kind: 'push', topic: 'snapshot-end', revision }));
  for (const chunk of chunked(successors, weighRecord)) {
    if (connection.isClosed) break;
    await sendRecords(connection, chunk);
  }
  return successors.at(-1)?.revision ?? revision;
}

async function sendHistory(connection: PeerConnection, state: StoreState, sent: number): Promise<number> {
  if (sent < state.compactedRevision) {
    connection.close(new Error('the follower was slower than compaction'));
    return sent;
  }
  const missed = takeChunk(state.history.after(sent), weighRecord);
  await sendRecords(connection, missed);
  return missed.at(-1)?.revision ?? sent;
}

async function sendRecords(connection: PeerConnection, records: readonly RevisionRecord[]): Promise<void> {
  connection.push(revisionsFrame(records.map(committedAgain), undefined));
  await connection.drained();
}

function revisionsFrame(batch: readonly CommittedRevision[], compacted: number | undefined): Buffer {
  const { fields, payload } = encodeRevisions(batch);
  return encodeFrame({ kind: 'push', topic: 'revisions', compacted, ...fields }, payload);
}

function committedAgain({ revision, transactionId, changes }: RevisionRecord): CommittedRevision {
  const operations = changes.map(({ key, entry }): WriteOperation =>
    entry === undefined ? { kind: 'delete', key } : { kind: 'put', key, value: entry.value },
  );
  return { revision, transactionId, operations };
}

function weighRecord({ changes }: RevisionRecord): number {
  return changes.reduce((bytes, { entry }) => bytes + (entry?.value.byteLength ?? 0), 0);
}

function* chunked<T>(items: readonly T[], weigh: (item: T) => number): Generator<readonly T[], void> {
  for (let start = 0; start < items.length;) {
    const chunk = takeChunk(items.slice(start, start + chunkCount), weigh);
    start += chunk.length;
    yield chunk;
  }
}

/** The first items, at least one, within the limits of one frame. */
function takeChunk<T>(items: Iterable<T>, weigh: (item: T) => number): readonly T[] {
  const chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    bytes += weigh(item);
    if (chunk.length > 0 && (bytes > chunkBytes || chunk.length >= chunkCount)) break;
    chunk.push(item);
  }
  return chunk;
}
