import { setTimeout as delay } from 'node:timers/promises';

/** Tries until it succeeds; the last failure is what the test reports. */
export async function eventually<T>(what: string, timeoutMs: number, attempt: () => Promise<T>): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) {
        const last = error instanceof Error ? error.message : String(error);
        throw new Error(`no ${what} within ${timeoutMs / 1_000} s; last seen: ${last}`, { cause: error });
      }
      await delay(150);
    }
  }
}
