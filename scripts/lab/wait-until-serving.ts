import { get } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';

import { findMember, readLogTail } from './member-process.ts';
import type { LabMember } from './spec.ts';

const lookAgainMs = 50;
const requestTimeoutMs = 2_000;

/** Resolves when the member's `/readyz` answers 200. A musterd that ended is reported with its last words. */
export async function waitUntilServing(member: LabMember, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  let last = '';
  for (;;) {
    last = await askReadiness(member);
    if (last === '200') return;
    const gone = (await findMember(member)) === undefined;
    if (gone || Date.now() > end) {
      const why = gone ? 'musterd ended' : `not ready after ${timeoutMs} ms (last answer: ${last})`;
      throw new Error(`${member.name}: ${why}; its log ends with:\n${await readLogTail(member)}`);
    }
    await delay(lookAgainMs);
  }
}

function askReadiness(member: LabMember): Promise<string> {
  return new Promise((resolve) => {
    // Only whether it answers matters here, not who it is.
    const options = { rejectUnauthorized: false, timeout: requestTimeoutMs, agent: false } as const;
    const request = get(`https://${member.address}/readyz`, options, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(error.message));
  });
}
