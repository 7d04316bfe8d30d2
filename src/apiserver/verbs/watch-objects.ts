import { randomInt } from 'node:crypto';
import { apiError } from '../../api/api-error.ts';
import { inStep } from '../../base/in-step.ts';
import { isConsensusError } from '../../consensus/consensus-error.ts';
import { commonHeaders } from '../http/answer.ts';
import { flushHead, sendHead } from '../http/exchange.ts';
import type { StoredEntry } from '../../consensus/store/store.ts';
import type { ServerDeps } from '../server-deps.ts';
import { collectionPrefix } from './list-objects.ts';
import { type WatchOptions, parseWatchOptions } from './list-options.ts';
import { reachRevision } from './read-revision.ts';
import type { ResourceContext, WrittenAnswer } from './resource-context.ts';
import { type Selection, parseSelection } from './selection.ts';
import { createWatchEncoder } from './watch-encoder.ts';
import { WatchStream } from './watch-stream.ts';

// Clients that set no limit are spread, so that they do not all come back in the same second.
const defaultTimeoutSeconds = { from: 1800, to: 3600 };
/** How long at most a watch goes on of somebody who may not watch any more. */
const recheckMs = 10_000;

export async function watchObjects(deps: ServerDeps, context: ResourceContext): Promise<WrittenAnswer> {
  const { exchange, kind, representation } = context;
  const query = exchange.url.searchParams;
  const options = parseWatchOptions(query);
  const selection = parseSelection(query, kind);
  const encoder = createWatchEncoder(kind, representation, { query, clock: deps.clock });
  if (options.sendsInitialEvents) await reachRevision(deps, options.revision, exchange.signal);

  sendHead(exchange.response, 200, { 'content-type': 'application/json', ...commonHeaders(exchange) });
  // The client waits for the answer's head before it looks at its own time limit.
  flushHead(exchange.response);
  const stream = new WatchStream({
    response: exchange.response,
    encoder,
    clock: deps.clock,
    allowsBookmarks: options.allowsBookmarks,
  });
  const cancel = [
    endWith(exchange.signal, stream),
    endWith(deps.stopping, stream),
    deps.clock.after(timeoutMs(options), () => stream.finish()),
    endWhenForbidden(deps, context, stream),
    deps.registry.subscribe(() => {
      const { group, version, plural } = kind.served;
      if (deps.registry.find(group, version, plural) !== kind) stream.finish();
    }),
  ];
  const stopFeed = feed(deps, { stream, options, selection, prefix: collectionPrefix(context), context });
  stream.startLive();
  try {
    await stream.ended;
  } finally {
    stopFeed();
    for (const undo of cancel) undo();
  }
  return { kind: 'written' };
}

function timeoutMs({ timeoutSeconds }: WatchOptions): number {
  return (timeoutSeconds ?? randomInt(defaultTimeoutSeconds.from, defaultTimeoutSeconds.to)) * 1000;
}

function endWith(signal: AbortSignal, stream: WatchStream): () => void {
  const end = (): void => {
    stream.finish();
  };
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return () => {
    signal.removeEventListener('abort', end);
  };
}

function endWhenForbidden({ clock }: ServerDeps, context: ResourceContext, stream: WatchStream): () => void {
  let isOver = false;
  let cancel = (): void => undefined;
  const recheck = async (): Promise<void> => {
    const isAllowed = await context.isStillAllowed();
    if (isOver) return;
    if (isAllowed) schedule();
    else stream.finish();
  };
  const schedule = (): void => {
    cancel = clock.after(inStep(clock, recheckMs), () => void recheck());
  };
  schedule();
  return () => {
    isOver = true;
    cancel();
  };
}

interface Feed {
  readonly stream: WatchStream;
  readonly options: WatchOptions;
  readonly selection: Selection;
  readonly prefix: string;
  readonly context: ResourceContext;
}

/** Connects the store's changes with the stream; nothing happens between the snapshot and the first change. */
function feed({ store }: ServerDeps, { stream, options, selection, prefix, context }: Feed): () => void {
  const { codec } = context.kind;
  const isWanted = (entry: StoredEntry | undefined): boolean =>
    entry !== undefined && (selection.isEverything || selection.matches(codec.decode(entry)));
  let from = options.revision ?? 0;
  if (options.sendsInitialEvents) {
    const { entries, revision } = store.range(prefix);
    stream.pushInitial(entries.filter(isWanted));
    if (options.allowsBookmarks) stream.pushBookmark(revision, true);
    from = revision;
  }
  try {
    const handle = store.watch(
      prefix,
      from,
      (revision, changes) => {
        for (const change of changes) {
          const isBefore = isWanted(change.previous);
          const isAfter = isWanted(change.entry);
          if (isBefore || isAfter) stream.pushChange(change, { isBefore, isAfter });
        }
        stream.reached(revision);
      },
      (error) => {
        if (error.code === 'Compacted') stream.fail(expired(from, store.compactedRevision));
        else stream.finish();
      },
    );
    return () => {
      handle.close();
    };
  } catch (error) {
    if (!isConsensusError(error, 'Compacted')) throw error;
    stream.fail(expired(from, store.compactedRevision));
    return () => undefined;
  }
}

function expired(from: number, oldest: number): ReturnType<typeof apiError>['status'] {
  return apiError('Expired', `too old resource version: ${from} (${oldest})`).status;
}
