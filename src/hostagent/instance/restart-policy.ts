/** When an instance that ended by itself may be started again. */
export interface RestartPolicy {
  /**
   * Takes note of an end that nobody asked for. Asked again about the same start, the answer is the same.
   */
  noteExit(uid: string, startedAtMs: number, nowMs: number): Restart;
  forget(uid: string): void;
}

export interface Restart {
  readonly notBeforeMs: number;
  /** Ends in a row, each soon after its start. */
  readonly exits: number;
}

interface Known extends Restart {
  readonly startedAtMs: number;
}

// Who has been up this long starts again at once: whatever made it end is not its way of starting.
const healthyMs = 60_000;
const firstDelayMs = 1_000;
const longestDelayMs = 300_000;

export function createRestartPolicy(): RestartPolicy {
  const known = new Map<string, Known>();
  return {
    noteExit(uid, startedAtMs, nowMs) {
      const last = known.get(uid);
      if (last?.startedAtMs === startedAtMs) return last;
      const wasHealthy = nowMs - startedAtMs >= healthyMs;
      const exits = wasHealthy ? 1 : (last?.exits ?? 0) + 1;
      const delayMs = wasHealthy ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(exits - 1, 20));
      const next = { startedAtMs, exits, notBeforeMs: nowMs + delayMs };
      known.set(uid, next);
      return next;
    },
    forget(uid) {
      known.delete(uid);
    },
  };
}
