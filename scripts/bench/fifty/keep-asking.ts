import { setTimeout as delay } from 'node:timers/promises';

import type { LabMember } from '../../lab/spec.ts';
import { JsonClient } from '../kit/json-client.ts';
import type { ApiEndpoint } from '../../../src/runtime/api-connection.ts';

/** How one member answered over a span of time. */
export interface Answers {
  readonly member: LabMember;
  asked: number;
  failed: number;
  /** The longest time without an answer, while one was asked for. */
  longestSilenceMs: number;
}

const askEveryMs = 500;

/**
 * Asks every member over and over, each by itself, so that one that is slow delays no other; what is asked is
 * answered by that member alone, and nobody else. Ends at the abort.
 */
export async function keepAsking(
  members: readonly LabMember[],
  endpointOf: (member: LabMember) => ApiEndpoint,
  path: string,
  over: AbortSignal,
): Promise<readonly Answers[]> {
  return await Promise.all(members.map((member) => keepAskingOne(member, endpointOf(member), path, over)));
}

async function keepAskingOne(
  member: LabMember,
  endpoint: ApiEndpoint,
  path: string,
  over: AbortSignal,
): Promise<Answers> {
  const client = new JsonClient(endpoint);
  const answers: Answers = { member, asked: 0, failed: 0, longestSilenceMs: 0 };
  let waitingSinceMs: number | undefined;
  while (!over.aborted) {
    const startedMs = performance.now();
    waitingSinceMs ??= startedMs;
    const isAnswered = (await client.send('GET', path)) === 200;
    answers.asked += 1;
    answers.longestSilenceMs = Math.max(answers.longestSilenceMs, performance.now() - waitingSinceMs);
    if (isAnswered) waitingSinceMs = undefined;
    else answers.failed += 1;
    await delay(Math.max(10, askEveryMs - (performance.now() - startedMs)));
  }
  client.close();
  return answers;
}
