import { setTimeout as delay } from 'node:timers/promises';

import { events, type Event } from '../../src/api/builtin.ts';
import { describeError } from '../../src/base/describe-error.ts';
import type { ClusterApi } from '../../src/runtime/cluster-api.ts';

const retryMs = 1_000;

/** Prints the cluster's Events as they come, until the signal aborts. */
export async function showEvents(clusterApi: ClusterApi, signal: AbortSignal): Promise<void> {
  const isOver = () => signal.aborted;
  while (!isOver()) {
    try {
      await followEvents(clusterApi, signal);
    } catch (error) {
      if (!isOver()) console.log(`(events interrupted: ${describeError(error)})`);
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function followEvents(clusterApi: ClusterApi, signal: AbortSignal): Promise<void> {
  const { resourceVersion } = await clusterApi.list(events, {}, signal);
  for await (const change of clusterApi.watch(events, { resourceVersion }, signal)) {
    if (change.type === 'ADDED' || change.type === 'MODIFIED') console.log(formatEvent(change.object));
  }
}

function formatEvent({ involvedObject, reason, message }: Event): string {
  const { kind, name } = involvedObject;
  return `${new Date().toLocaleTimeString('en-GB')}  ${kind}/${name}  ${reason ?? ''}: ${message ?? ''}`;
}
