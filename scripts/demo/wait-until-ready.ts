import { setTimeout as delay } from 'node:timers/promises';

import { describeError } from '../../src/base/describe-error.ts';
import type { ClusterApi } from '../../src/runtime/cluster-api.ts';
import {
  countPreparedMembers,
  describeProgress,
  explainUnready,
  isComplete,
  readDemoState,
  type DemoState,
  type DemoTargets,
} from './demo-state.ts';

const readyTimeoutMs = 180_000;
const lookAgainMs = 250;

/** Waits until every member has made its part of the default pool and network. */
export async function waitUntilPrepared(clusterApi: ClusterApi, memberCount: number): Promise<void> {
  const signal = AbortSignal.timeout(readyTimeoutMs);
  let problem = 'not every member has made its storage pool and network';
  while (!signal.aborted) {
    try {
      if ((await countPreparedMembers(clusterApi, signal)) >= memberCount) return;
    } catch (error) {
      problem = describeError(error);
    }
    await delay(lookAgainMs);
  }
  throw new Error(`not prepared after ${readyTimeoutMs / 1000} s: ${problem}`);
}

/** Reports each stage when it changes, until everything is ready. Says what is not when the time is over. */
export async function waitUntilReady(
  clusterApi: ClusterApi,
  wanted: DemoTargets,
  report: (line: string) => void,
): Promise<DemoState> {
  const signal = AbortSignal.timeout(readyTimeoutMs);
  const shown = new Set<string>();
  let state: DemoState = { members: [], images: [], instances: [] };
  let problem = '';
  while (!signal.aborted) {
    try {
      state = await readDemoState(clusterApi, signal);
      for (const line of describeProgress(state, wanted).filter((one) => !shown.has(one))) {
        report(line);
        shown.add(line);
      }
      if (isComplete(state, wanted)) return state;
    } catch (error) {
      // The API is not up yet, or its leader is being elected; the deadline decides how long that may take.
      problem = describeError(error);
    }
    await delay(lookAgainMs);
  }
  const reasons = [...explainUnready(state), problem].filter((line) => line !== '');
  throw new Error(`not ready after ${readyTimeoutMs / 1000} s:\n  ${reasons.join('\n  ')}`);
}
