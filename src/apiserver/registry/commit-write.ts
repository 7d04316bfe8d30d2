import type { Condition, WriteOperation } from '../../consensus/store/store.ts';
import type { ServerDeps } from '../server-deps.ts';

export interface Write {
  readonly operation: WriteOperation;
  /** The object's own revision and whatever else must still hold. */
  readonly conditions: readonly Condition[];
  readonly isDryRun: boolean;
  readonly term?: number;
  /** The object is on its way out: the write is taken on a full disk too. */
  readonly isRemoval?: boolean;
}

export type WriteResult =
  | { readonly kind: 'conflict'; readonly key: string }
  | { readonly kind: 'written'; readonly revision: number }
  /** Would have been written. */
  | { readonly kind: 'dry-run' };

export async function commitWrite(
  { store }: Pick<ServerDeps, 'store'>,
  { operation, conditions, isDryRun, term, isRemoval }: Write,
  signal: AbortSignal,
): Promise<WriteResult> {
  if (isDryRun) return dryRun(store, conditions);
  const result = await store.commit(
    {
      ...{ conditions, operations: [operation] },
      ...(term === undefined ? {} : { term }),
      ...(isRemoval === true ? { isRemoval } : {}),
    },
    signal,
  );
  if (result.kind === 'conflict') return { kind: 'conflict', key: result.key };
  return { kind: 'written', revision: result.revision };
}

function dryRun(store: ServerDeps['store'], conditions: readonly Condition[]): WriteResult {
  const broken = conditions.find(({ key, revision }) => (store.get(key)?.revision ?? 0) !== revision);
  return broken === undefined ? { kind: 'dry-run' } : { kind: 'conflict', key: broken.key };
}
