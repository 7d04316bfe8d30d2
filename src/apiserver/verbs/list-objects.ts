import { ApiError, apiError } from '../../api/api-error.ts';
import { isConsensusError } from '../../consensus/consensus-error.ts';
import type { RangeResult, StoredEntry } from '../../consensus/store/store.ts';
import { storageKey } from '../registry/storage-key.ts';
import type { ServerDeps } from '../server-deps.ts';
import { type ContinueToken, formatContinueToken } from './continue-token.ts';
import { decoderFor } from './join-list.ts';
import { type ListOptions, parseListOptions } from './list-options.ts';
import { reachRevision } from './read-revision.ts';
import type { ListAnswer, ResourceContext } from './resource-context.ts';
import { type Selection, parseSelection } from './selection.ts';

/** The rows that kubectl asks for, and by how much later pages of a table are longer. */
const longPage = { from: 500, factor: 4 };

export async function listObjects(deps: ServerDeps, context: ResourceContext): Promise<ListAnswer> {
  const { exchange, kind } = context;
  const options = withPageSize(parseListOptions(exchange.url.searchParams), context);
  const selection = parseSelection(exchange.url.searchParams, kind);
  // A page of an older snapshot needs no fresh state, and a lagging member may not have reached it yet.
  const wanted = options.token === undefined ? options.revision : snapshotOf(options.token);
  await reachRevision(deps, wanted, exchange.signal);
  const prefix = collectionPrefix(context);
  // Without a selector the page is full after its limit; with one, nobody knows how far to read.
  const limit = selection.isEverything ? options.limit : undefined;
  const range = readRange(deps, { prefix, options, limit });
  return collectPage({ context, options, selection, prefix, range });
}

/**
 * kubectl reads a table 500 rows at a time, and makes no more than five requests a second after its first ten: most of
 * the time it would wait for itself. So the pages after the first hold more than was asked for, as servers may decide.
 * Who looks at a few rows, or at objects, gets what was asked for.
 */
function withPageSize(options: ListOptions, { representation }: ResourceContext): ListOptions {
  const { limit, token } = options;
  const isLongTable = representation.shape === 'table' && limit !== undefined && limit >= longPage.from;
  return isLongTable && token !== undefined ? { ...options, limit: limit * longPage.factor } : options;
}

/** Everything of the kind, or of its part in one namespace. */
export function collectionPrefix({ kind, info }: ResourceContext): string {
  return info.namespace === undefined
    ? kind.prefix
    : storageKey(kind.prefix, { namespace: info.namespace, name: '' });
}

function snapshotOf({ revision }: ContinueToken): number | undefined {
  return revision < 0 ? undefined : revision;
}

interface Reading {
  readonly prefix: string;
  readonly options: ListOptions;
  readonly limit: number | undefined;
}

function readRange({ store }: ServerDeps, { prefix, options, limit }: Reading): RangeResult {
  const { token, revision, isExact } = options;
  const snapshot = token === undefined ? (isExact ? revision : undefined) : snapshotOf(token);
  try {
    return store.range(prefix, {
      ...(limit === undefined ? {} : { limit }),
      ...(token === undefined ? {} : { after: prefix + token.after }),
      ...(snapshot === undefined || snapshot === store.revision ? {} : { atRevision: snapshot }),
    });
  } catch (error) {
    if (token === undefined || !isConsensusError(error, 'Compacted')) throw error;
    throw expiredToken(token);
  }
}

/** The client may go on with this token, at the price that its pages no longer show one state. */
function expiredToken({ after }: ContinueToken): Error {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list ' +
    'without the continue parameter, or use the continue token in this response to retrieve the remainder of ' +
    'the results. Continuing with the provided token results in an inconsistent list - objects that were ' +
    'created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const { status } = apiError('Expired', message);
  return new ApiError({ ...status, metadata: { continue: formatContinueToken({ revision: -1, after }) } });
}

interface Page {
  readonly context: ResourceContext;
  readonly options: ListOptions;
  readonly selection: Selection;
  readonly prefix: string;
  readonly range: RangeResult;
}

function collectPage({ context, options, selection, prefix, range }: Page): ListAnswer {
  const { codec } = context.kind;
  const { entries, remaining, revision } = range;
  if (selection.isEverything) {
    const last = remaining === 0 ? undefined : entries.at(-1);
    return { ...page(entries, revision), ...(last === undefined ? {} : rest(last, remaining)) };
  }
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const decode = decoderFor(entries, codec);
  const matching: StoredEntry[] = [];
  for (const entry of entries) {
    if (!selection.matches(decode(entry))) continue;
    const last = matching.at(-1);
    if (matching.length === limit && last !== undefined)
      return { ...page(matching, revision), ...rest(last) };
    matching.push(entry);
  }
  return page(matching, revision);

  /** With a selector nobody knows how many of the rest match. */
  function rest(last: StoredEntry, count?: number): Pick<ListAnswer, 'continue' | 'remainingItemCount'> {
    const token = formatContinueToken({ revision, after: last.key.slice(prefix.length) });
    return { continue: token, ...(count === undefined ? {} : { remainingItemCount: count }) };
  }
}

function page(entries: readonly StoredEntry[], revision: number): ListAnswer {
  return { kind: 'list', code: 200, entries, revision };
}
