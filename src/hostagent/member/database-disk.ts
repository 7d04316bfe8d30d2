import type { ConditionSaying } from '../agent-tools.ts';

/** How much room this member's part of the database has: the store knows, and the agent tells. */
export interface DatabaseDisk {
  readonly level: () => 'full' | 'low' | 'ok';
  /** Calls back when the level changed. The answer unsubscribes. */
  readonly subscribe: (changed: () => void) => () => void;
}

export const diskCondition = 'DiskPressure';

// No figures: they would make a write of every look.
const sayings: Record<ReturnType<DatabaseDisk['level']>, ConditionSaying> = {
  ok: { status: 'False', reason: 'DiskHasRoom', message: 'The disk of the database has room' },
  low: {
    status: 'True',
    reason: 'DiskLow',
    message:
      'The disk of the database is nearly full: this member is not counted on for writes that grow. ' +
      'Remove what else is on that disk, or enlarge it',
  },
  full: {
    status: 'True',
    reason: 'DiskFull',
    message:
      'The disk of the database is full: this member is counted on for deletions only, for which it has set room aside. ' +
      'Remove what else is on that disk, or enlarge it',
  },
};

export function describeDatabaseDisk(level: ReturnType<DatabaseDisk['level']>): ConditionSaying {
  return sayings[level];
}
