import type { StoredEntry, Transaction, WriteOperation } from '../store/store.ts';
import type { DiskLevel } from './disk-level.ts';

/** Keys below which writes are let through longer than others. */
export interface KeptPrefixes {
  /** Without these the cluster could not help itself: at any time. */
  readonly vital: readonly string[];
  /** They say what is wrong: while there is some room. */
  readonly telling: readonly string[];
}

/** Whoever writes what it was told of its object makes it a little bigger at times: a condition, an address. */
const smallGrowthBytes = 1_024;

/** The first operation for which there is no room at this level. */
export function findOversized(
  { operations, isRemoval }: Transaction,
  level: DiskLevel,
  read: (key: string) => StoredEntry | undefined,
  prefixes: KeptPrefixes,
): WriteOperation | undefined {
  if (level === 'ok' || isRemoval === true) return undefined;
  const isKept = (key: string): boolean => {
    const kept = level === 'low' ? [...prefixes.vital, ...prefixes.telling] : prefixes.vital;
    return kept.some((prefix) => key.startsWith(prefix));
  };
  return operations.find((operation) => {
    if (operation.kind === 'delete' || isKept(operation.key)) return false;
    const stored = read(operation.key);
    if (stored === undefined) return true;
    const growthBytes = operation.value.byteLength - stored.value.byteLength;
    // On a full disk even the same size once more is a log entry that a deletion may need.
    return level === 'full' ? growthBytes >= 0 : growthBytes > smallGrowthBytes;
  });
}
