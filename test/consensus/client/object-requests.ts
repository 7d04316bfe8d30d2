import type { ObjectInput, ObjectOutput } from '../linearizability/models/object.ts';
import type { ObservedObject } from '../watch/stream.ts';
import type { MemberClient, Reply, ReplyBody } from './member-client.ts';

/** All that the workloads write: ConfigMaps, because a whole member is tested and these have no owner that interferes. */
export const namespace = 'faults';
export const collection = `/api/v1/namespaces/${namespace}/configmaps`;

/** How a request ended for the history. */
export type Outcome =
  | { readonly kind: 'known'; readonly output: ObjectOutput }
  /** Certainly nothing happened; the history leaves it out. */
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'unknown'; readonly problem: string }
  /** An answer that the API never promised. */
  | { readonly kind: 'strange'; readonly problem: string };

export interface RequestOptions {
  readonly labels: Readonly<Record<string, string>>;
  /** The write is for this term of the leader only, as those of controllers are. */
  readonly term?: number;
}

export async function request(
  client: MemberClient,
  key: string,
  input: ObjectInput,
  { labels, term }: RequestOptions,
): Promise<Outcome> {
  const place = `${collection}/${key}`;
  const headers = term === undefined ? {} : { 'muster-leader-term': String(term) };
  switch (input.kind) {
    case 'read':
      return judge(await client.send('GET', place), input);
    case 'create': {
      const body = build(key, input.id, labels);
      return judge(await client.send('POST', collection, { body, headers }), input);
    }
    case 'update': {
      const body = build(key, input.id, labels);
      return judge(await client.send('PUT', place, { body, headers }), input);
    }
    case 'replace': {
      const body = build(key, input.id, labels, input.expected);
      return judge(await client.send('PUT', place, { body, headers }), input);
    }
    case 'delete':
      return judge(await client.send('DELETE', place), input);
  }
}

function build(
  name: string,
  id: string,
  labels: Readonly<Record<string, string>>,
  revision?: number,
): object {
  const resourceVersion = revision === undefined ? {} : { resourceVersion: String(revision) };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels, ...resourceVersion },
    data: { id },
  };
}

function judge(reply: Reply, input: ObjectInput): Outcome {
  if (reply.kind === 'not sent') return { kind: 'refused', problem: reply.problem };
  if (reply.kind === 'lost') return { kind: 'unknown', problem: reply.problem };
  const { code, body } = reply;
  const problem = `${input.kind} is answered with ${code} ${body.reason ?? ''}: ${body.message ?? ''}`;
  // The API promises of these three that the write was not sent to be committed.
  if (code === 503 || code === 429 || code === 507) return { kind: 'refused', problem };
  // 504 says that the outcome is unknown; a 500 leaves it open.
  if (code >= 500) return { kind: 'unknown', problem };
  if (code === 404 && input.kind !== 'create') return { kind: 'known', output: { kind: 'absent' } };
  if (code === 409) return judgeConflict(input, body, problem);
  if (code > 201) return { kind: 'strange', problem };
  return judgeSuccess(input, body, problem);
}

function judgeConflict(input: ObjectInput, { reason }: ReplyBody, problem: string): Outcome {
  if (input.kind === 'create' && reason === 'AlreadyExists')
    return { kind: 'known', output: { kind: 'exists' } };
  if (input.kind === 'replace') return { kind: 'known', output: { kind: 'conflict' } };
  // The server lost its race against other writers too often and gave up.
  return input.kind === 'read' ? { kind: 'strange', problem } : { kind: 'refused', problem };
}

function judgeSuccess(input: ObjectInput, body: ReplyBody, problem: string): Outcome {
  if (input.kind === 'delete') {
    return { kind: 'known', output: { kind: 'written', revision: undefined } };
  }
  const { id, revision } = observe(body);
  if (!(revision > 0)) return { kind: 'strange', problem };
  if (input.kind === 'read') return { kind: 'known', output: { kind: 'found', id, revision } };
  if (id !== input.id)
    return { kind: 'strange', problem: `${input.kind} of "${input.id}" is answered with "${id}"` };
  return { kind: 'known', output: { kind: 'written', revision } };
}

export function observe({ metadata, data }: ReplyBody): ObservedObject {
  return {
    key: metadata?.name ?? '',
    id: data?.['id'] ?? '',
    labels: metadata?.labels ?? {},
    revision: Number(metadata?.resourceVersion),
  };
}
