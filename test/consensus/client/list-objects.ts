import type { ObservedObject } from '../watch/stream.ts';
import type { MemberClient } from './member-client.ts';
import { collection, observe } from './object-requests.ts';

export interface ObjectList {
  readonly revision: number;
  readonly objects: readonly ObservedObject[];
}

/** All pages of a list. A refusal is an error with what was answered. */
export async function listObjects(
  client: MemberClient,
  query: Readonly<Record<string, string>>,
): Promise<ObjectList> {
  const objects: ObservedObject[] = [];
  let token = '';
  for (;;) {
    const parameters = new URLSearchParams({ ...query, ...(token === '' ? {} : { continue: token }) });
    const reply = await client.send('GET', `${collection}?${parameters.toString()}`);
    if (reply.kind !== 'answer') throw new Error(`list: ${reply.problem}`);
    const { code, body } = reply;
    if (code !== 200) throw new Error(`list: ${code} ${body.message ?? ''}`);
    objects.push(...(body.items ?? []).map(observe));
    token = body.metadata?.continue ?? '';
    if (token === '') return { revision: Number(body.metadata?.resourceVersion), objects };
  }
}
