import { setTimeout as delay } from 'node:timers/promises';

import type { Fault, FaultContext } from '../faults/fault.ts';
import type { Recorder, RecordedOperation } from '../history/recorder.ts';

/** What a fault was like for the clients. */
export interface FaultRecord {
  readonly name: string;
  readonly what: string;
  readonly lastedMs: number;
  /** Operations that were in flight while it lasted, for some of the time at least. */
  readonly metCount: number;
  /** Of these, how many were refused or have an unknown outcome. */
  readonly failedCount: number;
  /** From its end to the first acknowledged write that began after it. */
  readonly recoveryMs: number;
}

const recoveryLimitMs = 60_000;

/** Lets a fault happen for a while, heals it, and waits until writes are acknowledged again. */
export async function meetFault(
  fault: Fault,
  context: FaultContext,
  recorder: Recorder,
): Promise<FaultRecord> {
  const [shortest, longest] = fault.durationMs;
  const durationMs = context.random.between(shortest, longest);
  const startMs = performance.now();
  const active = await fault.inject(context);
  await delay(durationMs);
  await active.heal();
  const endMs = performance.now();
  const { what } = active;
  const recoveryMs = await waitForWrite(recorder, endMs, `${fault.name} (${what})`);
  const met = recorder.operations.filter((one) => one.startMs < endMs && one.endMs > startMs);
  return {
    name: fault.name,
    ...{ what, recoveryMs },
    lastedMs: endMs - startMs,
    metCount: met.length + recorder.openCount,
    failedCount: met.filter(({ outcome }) => outcome.kind !== 'known').length,
  };
}

async function waitForWrite(recorder: Recorder, healedMs: number, name: string): Promise<number> {
  for (;;) {
    const write = recorder.operations.findLast((one) => one.startMs > healedMs && isWritten(one));
    if (write !== undefined) return write.endMs - healedMs;
    if (performance.now() - healedMs > recoveryLimitMs) {
      throw new Error(`no write is acknowledged ${recoveryLimitMs / 1_000} s after ${name} was healed`);
    }
    await delay(20);
  }
}

function isWritten({ outcome }: RecordedOperation): boolean {
  return outcome.kind === 'known' && outcome.output.kind === 'written';
}
