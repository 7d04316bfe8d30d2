import type { ReplyBody } from '../client/member-client.ts';
import { observe } from '../client/object-requests.ts';
import { revisionOf, type ObservedObject, type StreamItem } from './stream.ts';

interface WatchLine {
  readonly type: string;
  readonly object: ReplyBody & { readonly code?: number };
}

/** Puts the lines of one watch into the form that the checks read. */
export class StreamRecording {
  readonly items: StreamItem[] = [];
  /** What there was at the start; undefined when the stream goes on from an earlier one. */
  readonly initial: ObservedObject[] | undefined;
  /** Undefined until the server has sent everything that there was, when it was asked to begin with that. */
  startRevision: number | undefined;
  /** The server no longer has the history that was asked for. */
  isExpired = false;

  constructor(startRevision: number | undefined, initial: readonly ObservedObject[] | undefined) {
    this.startRevision = startRevision;
    this.initial = initial === undefined ? undefined : [...initial];
  }

  /** The newest revision that the stream spoke of. */
  get reached(): number | undefined {
    const last = this.items.at(-1);
    return last === undefined ? this.startRevision : Math.max(revisionOf(last), this.startRevision ?? 0);
  }

  take(line: unknown): void {
    const { type, object } = line as WatchLine; // a line of the API's own making
    if (type === 'ERROR') {
      this.isExpired = object.code === 410;
      throw new Error(`the stream ends with ${object.code ?? ''} ${object.message ?? ''}`);
    }
    const item = readItem(type, object);
    if (this.startRevision !== undefined) this.items.push(item);
    else if (item.kind === 'bookmark') this.startRevision = item.revision;
    else this.initial?.push(item.object);
  }
}

function readItem(type: string, object: ReplyBody): StreamItem {
  const observed = observe(object);
  if (type === 'BOOKMARK') return { kind: 'bookmark', revision: observed.revision };
  if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED')
    throw new Error(`an event of type ${type}`);
  return { kind: 'change', type, object: observed };
}
