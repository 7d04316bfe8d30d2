import { setTimeout as delay } from 'node:timers/promises';

/** Tries until the check passes; at the limit it fails with what it saw last. */
export async function waitUntil(check: () => Promise<void> | void, limitMs = 15_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await delay(25);
    }
  }
}
