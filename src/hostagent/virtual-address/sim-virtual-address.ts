import type { VirtualAddressDriver } from './driver.ts';

/** A simulated host has no network on which an address could move. */
export function createSimVirtualAddress(): VirtualAddressDriver {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    isInstalled: () => Promise.resolve(false),
    listLinks: () => Promise.resolve([]),
    ensure: nothing,
    sayReady: nothing,
    sayNotReady: nothing,
    remove: nothing,
  };
}
